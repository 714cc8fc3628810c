// One message, encoded in TypeScript in each codec, decoded in Python, printed by both.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import {
  Decimal,
  encodeFrame,
  formatFrame,
  formatMessage,
  FrameDecoder,
  LocalDate,
  Message,
  messageCodec,
  msgpack,
  Tuple,
  wantsColor,
} from "@amphis/protocol";

const ROUNDS = 2_000;
const color = wantsColor(process.stdout, process.env);

const message = new Message({
  type: "request",
  priority: "high",
  source: "shop/checkout",
  target: "pricing",
  schema: "pricing.quote",
  version: 2,
  ttlMs: 2_500,
  metadata: { trace: "4bf92f3577b34da6" },
  payload: {
    item: "Bücherregal",
    price: new Decimal("199.90"),
    day: new LocalDate("2026-11-21"),
    size: Tuple.of(80, 28, 202),
    stock: 2n ** 70n,
    colours: new Set(["oak"]),
    photo: Uint8Array.from({ length: 4_096 }, (_, index) => index & 255),
  },
});

/** Starts the Python end; `ask` sends a frame and gives the answer. */
function startPeer() {
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  const peer = spawn(process.env.AMPHIS_PYTHON ?? "python3", [script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const decoder = new FrameDecoder();
  const waiting = [];
  peer.stdout.on("data", (chunk) => {
    for (const frame of decoder.feed(chunk)) waiting.shift()?.resolve(frame);
  });
  const ended = new Promise((resolve, reject) => {
    peer.once("error", reject);
    peer.once("exit", (code) =>
      code === 0
        ? resolve(undefined)
        : reject(new Error(`Cannot go on: the Python end stopped with exit code ${code}`)),
    );
  });
  ended.catch((error) => waiting.splice(0).forEach(({ reject }) => reject(error)));
  return {
    ask(frame) {
      const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      peer.stdin.write(encodeFrame(frame));
      return answer;
    },
    close() {
      peer.stdin.end();
      return ended;
    },
  };
}

function microseconds(work) {
  for (let i = 0; i < ROUNDS; i += 1) work();
  const start = process.hrtime.bigint();
  for (let i = 0; i < ROUNDS; i += 1) work();
  return Number(process.hrtime.bigint() - start) / ROUNDS / 1_000;
}

function row(...cells) {
  console.log(
    cells
      .map((cell, index) => (index === 0 ? String(cell).padEnd(9) : String(cell).padStart(15)))
      .join(""),
  );
}

console.log("Amphis: one message between TypeScript and Python\n");
console.log("TypeScript made it:\n");
console.log(formatMessage(message, { style: "verbose", color }));

const peer = startPeer();
let seen;
console.log("\nEncoded in TypeScript, sent in a frame, decoded in Python:\n");
row("codec", "bytes", "encode (us)", "decode TS (us)", "decode Py (us)");
for (const name of /** @type {const} */ (["msgpack", "compact", "json"])) {
  const codec = messageCodec(name);
  const body = codec.encode(message);
  const { body: answer } = await peer.ask({
    kind: "message",
    codec: name,
    priority: message.priority,
    callId: 1,
    body,
  });
  seen = msgpack().decode(answer);
  row(
    name,
    body.length,
    microseconds(() => codec.encode(message)).toFixed(1),
    microseconds(() => codec.decode(body)).toFixed(1),
    seen.decodeUs.toFixed(1),
  );
}
await peer.close();

console.log("\nPython saw:\n");
console.log(seen.text);
console.log(`\nIts payload there: ${seen.payload.slice(0, 220)}…`);
console.log("\nThe frame that carried it, on one line:\n");
const [frame] = new FrameDecoder().feed(
  encodeFrame({
    kind: "message",
    callId: 1,
    priority: "high",
    body: messageCodec("msgpack").encode(message),
  }),
);
if (frame !== undefined) console.log(formatFrame(frame, { style: "compact", color }));
console.log("\nDone: three codecs, two languages, one message.");
