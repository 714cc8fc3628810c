// A program with workers: `program.mjs DIST SPEC HOW`. Tells which processes it has, and ends as it is told.
import { writeSync } from "node:fs";

const [dist, specText, how] = process.argv.slice(2);
const { openLauncher } = await import(new URL("worker/index.js", dist));
const { handshake } = await import(new URL("transport/index.js", dist));
const { decodeResult, encodeCall } = await import("@amphis/protocol");

const launcher = await openLauncher(JSON.parse(specText));
const worker = await launcher.launch();
worker.stdout.resume();
const hello = {
  product: "test",
  versions: [1, 1],
  codecs: ["msgpack"],
  limits: { maxFrameBytes: 0x400_0000, maxDepth: 64 },
  capabilities: [],
};
const { connection } = await handshake(worker.connection, hello, "initiator");
const answer = new Promise((resolve) => {
  connection.receive(({ body }) => resolve(decodeResult(body).value));
});
const body = encodeCall({ function: "hazard:found_family", args: [], kwargs: {}, options: {} });
await connection.send({ kind: "call", callId: 1, body });
const family = await answer;
// It computes when its program ends, so nothing but a signal ends it.
const busy = encodeCall({ function: "hazard:spin_in_c", args: [], kwargs: {}, options: {} });
await connection.send({ kind: "call", callId: 2, body: busy });
writeSync(1, `${JSON.stringify([worker.pid, ...family])}\n`);

if (how === "exit") process.exit(0);
if (how === "throw") throw new Error("thrown on purpose");
if (how === "kill") process.kill(process.pid, "SIGKILL");
// "terminal": the terminal's signal is to come.
