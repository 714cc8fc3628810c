import {
  encodeFrame,
  FrameDecoder,
  type Frame,
  HEADER_BYTES,
  Message,
  messageCodec,
  peekHeader,
} from "@amphis/protocol";

import type { Case, Cases } from "../runner/index.ts";

const MESSAGE = new Message(
  {
    type: "request",
    priority: "high",
    target: "worker/images",
    source: "service/api",
    ttlMs: 2_500,
    metadata: { trace: "4bf92f3577b34da6" },
    payload: new Uint8Array(32),
  },
  0,
);

export const LARGE_BYTES = 16 * 2 ** 20;
/** What a socket of Node hands over at once. */
export const CHUNK_BYTES = 65_536;
const SMALL_FRAMES = 256;

let sink: unknown;

function messageFrame(codec: "msgpack" | "compact"): Uint8Array {
  return encodeFrame({
    kind: "message",
    codec,
    priority: MESSAGE.priority,
    body: messageCodec(codec).encode(MESSAGE, 0),
  });
}

/** From bytes to where a message goes: frame header, then type, priority, TTL and target of the message; its body stays bytes. */
function peek(codecName: "msgpack" | "compact"): Case {
  const frame = messageFrame(codecName);
  const codec = messageCodec(codecName);
  return {
    bytes: frame.length,
    run(count) {
      for (let i = 0; i < count; i += 1) {
        sink = peekHeader(frame);
        sink = codec.peek(frame, HEADER_BYTES);
      }
    },
  };
}

function header(): Case {
  const frame = messageFrame("msgpack");
  return {
    bytes: HEADER_BYTES,
    run(count) {
      for (let i = 0; i < count; i += 1) sink = peekHeader(frame);
    },
  };
}

function large(chunkBytes: number): Case {
  const frame = encodeFrame({ kind: "result", body: new Uint8Array(LARGE_BYTES) });
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += chunkBytes) {
    chunks.push(frame.subarray(at, at + chunkBytes));
  }
  return {
    bytes: frame.length,
    run(count) {
      for (let i = 0; i < count; i += 1) sink = decodeAll(chunks);
    },
  };
}

function decodeAll(chunks: readonly Uint8Array[]): Frame | undefined {
  const decoder = new FrameDecoder();
  let last: Frame | undefined;
  for (const chunk of chunks) for (const frame of decoder.feed(chunk)) last = frame;
  return last;
}

/** Many small frames in chunks that cut through them, as a busy socket delivers. Time is for all of them. */
function smallFrames(): Case {
  const frame = messageFrame("msgpack");
  const bytes = new Uint8Array(frame.length * SMALL_FRAMES);
  for (let i = 0; i < SMALL_FRAMES; i += 1) bytes.set(frame, i * frame.length);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 8_000) chunks.push(bytes.subarray(at, at + 8_000));
  return {
    bytes: bytes.length,
    run(count) {
      for (let i = 0; i < count; i += 1) sink = decodeAll(chunks);
    },
  };
}

/** The floor for a frame that came in pieces: one copy of its bytes into memory that is there. */
function copyOnce(): Case {
  const from = new Uint8Array(LARGE_BYTES).fill(1);
  const to = new Uint8Array(LARGE_BYTES).fill(2);
  return {
    bytes: LARGE_BYTES,
    run(count) {
      for (let i = 0; i < count; i += 1) {
        for (let at = 0; at < LARGE_BYTES; at += CHUNK_BYTES) {
          to.set(from.subarray(at, at + CHUNK_BYTES), at);
        }
      }
      sink = to;
    },
  };
}

export const cases: Cases = {
  "peek, frame header": header,
  "peek, msgpack message": () => peek("msgpack"),
  "peek, compact message": () => peek("compact"),
  "decode 16 MiB in chunks of 64 KiB": () => large(CHUNK_BYTES),
  "decode 16 MiB in one chunk": () => large(LARGE_BYTES + HEADER_BYTES),
  "decode 256 small frames": smallFrames,
  "copy 16 MiB in pieces of 64 KiB": copyOnce,
};

export function used(): unknown {
  return sink;
}
