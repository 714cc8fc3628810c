/*
 * The real host, as a program: `node host.mjs <address> [<bytes of a ring>]`. It prints "listening", then a line for each guest that ends.
 * It ends with its standard input. Events come back as they were; memory that an event names is read, and the
 * answer names other memory with the same bytes, backwards.
 */

import { SharedMemory } from "../../../packages/amphis/dist/memory/index.js";
import { sharedMemory } from "../../../packages/amphis/dist/transport/index.js";

const [address, ringBytes] = process.argv.slice(2);
const memory = await SharedMemory.open();

function backwards(connection, { data }) {
  const { lease, byteOffset, byteLength } = connection.memory.accept(data);
  const answer = connection.memory.allocate(byteLength);
  const bytes = new Uint8Array(lease.bytes.buffer, lease.bytes.byteOffset + byteOffset, byteLength);
  new Uint8Array(answer.bytes.buffer, answer.bytes.byteOffset, byteLength).set(
    Uint8Array.from(bytes).reverse(),
  );
  lease.release();
  const lent = connection.memory.lend(answer);
  answer.release();
  return { kind: "reference", data: lent.data };
}

const transport = sharedMemory({
  memory,
  ringBytes: ringBytes === undefined ? undefined : Number(ringBytes),
});
const listener = await transport.listen(address, (connection) => {
  connection.receive(async (frame) => {
    const attachments = frame.attachments.map((each) =>
      each.kind === "reference" ? backwards(connection, each) : each,
    );
    const { kind, callId, body } = frame;
    await connection.send({ kind, callId, body: Uint8Array.from(body), attachments });
  });
  void connection.closed.then((reason) => {
    const shares = connection.memory?.figures().shares ?? 0;
    const code = reason.kind === "failed" ? reason.error.code : undefined;
    process.stdout.write(`${JSON.stringify({ reason: reason.kind, code, shares })}\n`);
  });
});

process.stdin.on("end", () => void listener.close().then(() => memory.close())).resume();
process.stdout.write("listening\n");
