import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { codec, type CodecName } from "../src/codec/index.ts";
import { AmphisError, decodeError, encodeError, isAmphisError } from "../src/error/index.ts";
import { encodeFrame, FrameDecoder, peekHeader } from "../src/frame/index.ts";
import { decodeHello, encodeHello } from "../src/hello/index.ts";
import { Message, messageCodec } from "../src/message/index.ts";
import { arbitraryValue } from "./arbitrary-value.ts";
import { hostileBytes } from "./hostile-bytes.ts";

type Decode = (bytes: Uint8Array) => unknown;

interface Decoder {
  readonly name: string;
  readonly decode: Decode;
  readonly seeds: readonly Uint8Array[];
}

const NAMES: readonly CodecName[] = ["msgpack", "compact", "json"];
const VALUES = fc.sample(arbitraryValue, { seed: 7, numRuns: 200 });

function valueDecoder(name: CodecName): Decoder {
  const plain = codec(name);
  const exact = codec(name, { exactFloats: true, maps: "map", maxDepth: 3 });
  const decode: Decode = (bytes) => [attempt(() => exact.decode(bytes)), plain.decode(bytes)];
  return { name: `value in ${name}`, decode, seeds: VALUES.map((value) => plain.encode(value)) };
}

function messageDecoder(name: CodecName): Decoder {
  const messages = messageCodec(name);
  const init = {
    type: "request",
    priority: "high",
    ttlMs: 250,
    target: "größe/日本",
    source: "api",
    schema: "s",
    version: 300,
  } as const;
  const made = VALUES.slice(0, 40).map(
    (payload) =>
      new Message({
        ...init,
        payload,
        correlationId: "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f",
        metadata: { payload },
      }),
  );
  const seeds = [...made, new Message({ type: "heartbeat", payload: null })].map((message) =>
    messages.encode(message),
  );
  return {
    name: `message in ${name}`,
    decode: (bytes) => [attempt(() => messages.peek(bytes)), messages.decode(bytes)],
    seeds,
  };
}

const attachments = [
  { kind: "inline", data: new Uint8Array(3) },
  { kind: "reference", data: new Uint8Array(8) },
] as const;

const DECODERS: readonly Decoder[] = [
  ...NAMES.map(valueDecoder),
  ...NAMES.map(messageDecoder),
  {
    name: "frames",
    decode: decodeFrames,
    seeds: [
      encodeFrame({ kind: "hello", body: new Uint8Array(5) }),
      encodeFrame({ kind: "call", callId: 7, body: new Uint8Array(30), attachments }),
      Buffer.concat([
        encodeFrame({ kind: "ping", body: new Uint8Array(0) }),
        encodeFrame({ kind: "end", body: new Uint8Array(9) }),
      ]),
    ],
  },
  {
    name: "hello",
    decode: decodeHello,
    seeds: [
      encodeHello({
        product: "amphis",
        versions: [1, 1],
        codecs: ["msgpack"],
        limits: { maxFrameBytes: 9, maxDepth: 9 },
        capabilities: ["x"],
      }),
    ],
  },
];

/** Whole, and cut in the middle. */
function decodeFrames(bytes: Uint8Array): void {
  attempt(() => feed(bytes));
  attempt(() => feed(bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)));
  if (bytes.length >= 24) peekHeader(bytes);
}

function feed(...chunks: readonly Uint8Array[]): void {
  const decoder = new FrameDecoder({ maxFrameBytes: 4_096 });
  for (const chunk of chunks) decoder.feed(chunk);
  decoder.end();
}

/** What is thrown must be the typed error, with a text that says what could not be done. */
function attempt(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    expect(error.message).toMatch(/^Cannot [^]+[^.]$/);
  }
}

interface CorpusRow {
  readonly hex: string;
  /** What stands how many times before and after. */
  readonly around?: readonly [before: string, times: number, after: string];
  readonly note: string;
}

function bytesOf({ hex, around: [before, times, after] = ["", 0, ""] }: CorpusRow): Buffer {
  return Buffer.from(before.repeat(times) + hex + after.repeat(times), "hex");
}

function corpusOf(name: string): readonly CorpusRow[] {
  return JSON.parse(
    readFileSync(new URL(`corpus/${name.replaceAll(" ", "-")}.json`, import.meta.url), "utf8"),
  ) as readonly CorpusRow[];
}

describe.each(DECODERS)("decoder of $name", ({ name, decode, seeds }) => {
  test("throws nothing but the typed error for any bytes", () => {
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => attempt(() => decode(bytes))),
      { numRuns: 1_000 },
    );
  });

  test.each(corpusOf(name))("throws nothing but the typed error for $note", (row) => {
    attempt(() => decode(bytesOf(row)));
  });
});

describe("memory", () => {
  const huge = [
    "ddffffffff",
    "dfffffffff",
    "dbffffffff",
    "c6ffffffff",
    "c9ffffffff48",
    "dc7fffde7fffdd7fffffff",
  ];
  const hugeCompact = [
    "07fdffffffffffffffff",
    "08fd00000000ffffff7f",
    "05fcffffffff",
    "06fcffffff7f",
    "10fcffffffff",
    "11fbffff",
  ];
  const rows = [
    ...huge.map((hex) => ["msgpack", hex] as const),
    ...hugeCompact.map((hex) => ["compact", hex] as const),
  ];

  /** What was allocated, garbage included: the heap only grows between two collections, and the least of several is no collection. */
  function allocated(act: () => unknown): number {
    const used = (): number => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const grown = Array.from({ length: 5 }, () => {
      const before = used();
      attempt(act);
      return used() - before;
    });
    return grown.sort((a, b) => a - b)[2] ?? 0;
  }

  test.each(rows)(
    "a %s input that claims more than it holds (%s) takes next to none",
    (name, hex) => {
      const bytes = Buffer.from(hex, "hex");
      expect(allocated(() => codec(name).decode(bytes))).toBeLessThan(1_000_000);
    },
  );

  test.each(NAMES)("what a %s decoder takes for mutated bytes is in proportion to them", (name) => {
    const { decode, seeds } = valueDecoder(name);
    const samples = fc.sample(hostileBytes(seeds), { seed: 11, numRuns: 300 });
    for (const bytes of samples) {
      expect(allocated(() => decode(bytes))).toBeLessThan(2_000_000 + 2_000 * bytes.length);
    }
  });

  test.each(NAMES)(
    "keys that %s decoders would find one after the other are refused before they cost quadratic time",
    (name) => {
      const keys = Array.from({ length: 400 }, (_, index) => (BigInt(index + 1) << 64n) | 5n);
      const one = codec(name);
      for (const value of [new Map(keys.map((key) => [key, 0])), new Set(keys)]) {
        expect(() => one.decode(one.encode(value))).toThrow(/lowest 64 bits/);
      }
      const honest = new Map(keys.map((key, index) => [key + BigInt(index), index]));
      expect(one.decode(one.encode(honest))).toEqual(honest);
      const sameKeyInMany = Array.from({ length: 400 }, () => new Map([[keys[0] ?? 0n, 1]]));
      expect(one.decode(one.encode(sameKeyInMany))).toEqual(sameKeyInMany);
    },
  );
});

describe("decoder of errors", () => {
  const wires = [
    new Error("plain", { cause: "text" }),
    new AmphisError(
      "FRAME_TOO_LARGE",
      "Cannot",
      { limit: 1, actual: 2 },
      { cause: new Error("x"), correlationId: "c" },
    ),
  ];

  test("throws nothing but the typed error for anything", () => {
    const field = fc.constantFrom(
      "code",
      "number",
      "category",
      "message",
      "retryable",
      "context",
      "correlationId",
      "origin",
      "cause",
    );
    const wire = fc
      .tuple(fc.constantFrom(...wires), field, fc.oneof(arbitraryValue, fc.anything()))
      .map(([error, name, value]) => ({ ...encodeError(error), [name]: value }));
    fc.assert(
      fc.property(fc.oneof(wire, arbitraryValue, fc.anything()), (value) =>
        attempt(() => decodeError(value)),
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    {
      note: "a context with names of the error's own",
      wire: {
        context: {
          code: "X",
          message: 1,
          stack: null,
          cause: 1,
          name: 2,
          then: 3,
          toString: 4,
          __proto__: null,
        },
      },
    },
    { note: "causes without end", wire: endless() },
  ])("takes $note", ({ wire }) => {
    expect(decodeError({ ...encodeError(new Error("x")), ...wire })).toBeInstanceOf(AmphisError);
  });
});

function endless(): object {
  const wire: Record<string, unknown> = { ...encodeError(new Error("x")) };
  wire["cause"] = wire;
  return wire;
}
