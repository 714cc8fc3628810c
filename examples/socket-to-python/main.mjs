// A Unix socket between TypeScript and Python: frames on a connection, with nothing in between.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// #region listen
import { messageCodec } from "@amphis/protocol";
import { listen } from "amphis/transport";

const folder = await mkdtemp(join(tmpdir(), "amphis-"));
const messages = messageCodec("msgpack");

const listener = await listen(`unix:${join(folder, "prices.sock")}`, (connection) => {
  connection.receive(async (frame) => {
    const question = messages.decode(frame.body);
    const answer = question.reply({ total: 399.8 });
    await connection.send({ kind: "message", callId: frame.callId, body: messages.encode(answer) });
  });
});
// #endregion listen

console.log("TypeScript listens, Python asks");
const script = fileURLToPath(new URL("ask.py", import.meta.url));
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const peer = spawn(python, [script, listener.address.slice("unix:".length)], { stdio: "inherit" });
await new Promise((resolve, reject) => {
  peer.once("error", reject);
  peer.once("exit", (code) =>
    code === 0
      ? resolve(undefined)
      : reject(new Error(`Cannot go on: the Python end stopped with exit code ${code}`)),
  );
});
await listener.drain();
await rm(folder, { recursive: true, force: true });
