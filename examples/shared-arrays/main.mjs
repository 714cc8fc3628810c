// An array that TypeScript fills and Python reads, and one that goes the other way: neither is ever copied.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// #region open
import { Carrier, empty, SharedMemory, Tensor } from "amphis/memory";
import { sharedMemory } from "amphis/transport";

const folder = await mkdtemp(join(tmpdir(), "amphis-"));
const memory = await SharedMemory.open({ maxBytes: 2 ** 30, quotaBytes: 2 ** 28 });
const listener = await sharedMemory({ memory }).listen(
  `shm:${join(folder, "arrays.sock")}`,
  (connection) => void ask(connection),
);
// #endregion open

// #region make
const signal = empty([1_000_000], { arena: memory.arena });
const samples = signal.view(); // a Float64Array
for (let at = 0; at < samples.length; at += 1) samples[at] = Math.sin(at / 50);
// #endregion make

// #region ask
import { Attachment, decodeErrorBody, decodeResult, encodeCall } from "@amphis/protocol";

/** @param {import("amphis/transport").Connection} connection */
async function ask(connection) {
  const carrier = new Carrier({ link: connection.memory });
  connection.receive((frame) => answered(frame, carrier));

  const sent = carrier.carry(signal);
  const body = encodeCall({
    function: "smooth",
    args: [new Attachment(0, sent.format, sent.meta)],
    kwargs: {},
    options: {},
  });
  await connection.send({ kind: "call", callId: 1, body, attachments: [sent.attachment] });
}
// #endregion ask

// #region take
/**
 * @param {import("@amphis/protocol").Frame} frame
 * @param {Carrier} carrier
 */
function answered({ kind, body, attachments: [attachment] }, carrier) {
  if (kind === "error") throw decodeErrorBody(body);
  const { value } = decodeResult(body);
  if (!(value instanceof Attachment) || attachment === undefined) throw new Error("no array came");
  const smooth = carrier.open(attachment, value); // over what Python made, without a copy
  if (!(smooth instanceof Tensor)) throw new Error("it is no array");

  console.log(
    `${smooth.size} numbers came back, the one in the middle is ${Number(smooth.at(500_000)).toFixed(6)}`,
  );
  const { arena, guests } = memory.figures();
  console.log(
    `${arena.leases} pieces of memory are lent, ${guests[0]?.shares} shares are Python's`,
  );
  smooth.release();
}
// #endregion take

const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const script = fileURLToPath(new URL("worker.py", import.meta.url));
const worker = spawn(python, [script, listener.address], { stdio: "inherit" });
await once(worker, "exit");
await listener.drain();
signal.release();
console.log(`at the end ${memory.arena.stats().leases} are`);
memory.close();
await rm(folder, { recursive: true, force: true });
