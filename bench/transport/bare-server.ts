// The rival: an echo on a bare socket, as a program without frames would write it.

import { createServer } from "node:net";

const [, , address = ""] = process.argv;
const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => socket.write(chunk));
});

process.on("message", () => {
  globalThis.gc?.();
  server.getConnections((_, connections) =>
    process.send?.({ rss: process.memoryUsage().rss, connections }),
  );
});
process.on("disconnect", () => process.exit(0));
server.listen({ path: address.slice("unix:".length), backlog: 4_096 }, () =>
  process.send?.("ready"),
);
