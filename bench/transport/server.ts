// The server of the bench: echoes every frame, and tells its memory when its parent asks.

import { listen } from "amphis/transport";

const [, , address = ""] = process.argv;
const listener = await listen(address, (connection) => {
  connection.receive((frame) => connection.send(frame));
});

process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage().rss, connections: listener.connections.size });
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
