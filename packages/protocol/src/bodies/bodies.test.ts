import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { json, msgpack } from "../codec/index.ts";
import { AmphisError, isAmphisError } from "../error/index.ts";
import type { Value } from "../value/index.ts";
import {
  decodeCall,
  decodeCancel,
  decodeCredit,
  decodeEnd,
  decodeErrorBody,
  decodeItem,
  decodeMemory,
  decodeReference,
  decodeResult,
  encodeCall,
  encodeCancel,
  encodeCredit,
  encodeEnd,
  encodeErrorBody,
  encodeItem,
  encodeMemory,
  encodeReference,
  encodeResult,
  type MemoryBody,
  type Reference,
  referenceToSign,
} from "./index.ts";

const reference: Reference = {
  arena: 1,
  generation: 0xffff_ffff,
  offset: 4096,
  byteLength: Number.MAX_SAFE_INTEGER,
  holder: 7,
  expiresAt: 0,
  descriptor: { dtype: "f8", shape: [2, 3], strides: [-24, 8], format: "tensor" },
  token: new Uint8Array(32).fill(9),
};

describe("bodies come back as they went, in each codec that a frame may name", () => {
  test.each([msgpack(), msgpack({ maps: "map" }), json()])("$name", (codec) => {
    const call = {
      function: "numpy.linalg:norm",
      args: [[3, 4]],
      kwargs: { ord: 2 },
      options: { ttlMs: 250, idempotent: true, stream: false },
    };
    expect(decodeCall(encodeCall(call, codec), codec)).toEqual(call);
    expect(decodeCall(encodeCall({ ...call, options: {} }, codec), codec)).toEqual({
      ...call,
      options: {},
    });
    expect(decodeResult(encodeResult({ value: null }, codec), codec)).toEqual({ value: null });
    expect(decodeItem(encodeItem({ sequence: 3, value: "x" }, codec), codec)).toEqual({
      sequence: 3,
      value: "x",
    });
    expect(decodeCredit(encodeCredit({ count: 0x7fff_ffff }, codec), codec)).toEqual({
      count: 0x7fff_ffff,
    });
    expect(decodeEnd(encodeEnd({ sequence: 0 }, codec), codec)).toEqual({ sequence: 0 });
    expect(decodeCancel(encodeCancel({ reason: "the caller went away" }, codec), codec)).toEqual({
      reason: "the caller went away",
    });
    expect(decodeReference(encodeReference(reference, codec), codec)).toEqual(reference);
    const said: readonly MemoryBody[] = [
      { kind: "want", id: 1, bytes: 2 ** 40 },
      { kind: "lent", id: 1, arena: 2, generation: 0xffff_ffff, offset: 64, bytes: 2 ** 40 },
      { kind: "refused", id: 1, error: new AmphisError("ARENA_CLOSED", "Cannot lend", {}) },
      { kind: "release", generations: [1, 1, 7] },
      { kind: "frame", reference: Uint8Array.of(1, 2, 3) },
    ];
    for (const body of said) expect(decodeMemory(encodeMemory(body, codec), codec)).toEqual(body);
  });

  test("a call is the array of spec/bodies.md", () => {
    expect(
      Buffer.from(
        encodeCall({ function: "m:f", args: [1], kwargs: {}, options: { stream: true } }),
      ).toString("hex"),
    ).toBe("94a36d3a6691018081a673747265616dc3");
  });
});

describe("a body of another shape is refused with its path", () => {
  const cases: readonly (readonly [
    decode: (bytes: Uint8Array) => unknown,
    body: string,
    value: Value,
    path: string,
    expected: string,
  ])[] = [
    [decodeCall, "call", {}, "$", "a list"],
    [decodeCall, "call", ["f", [], {}], "$", "a list of 4 or more"],
    [decodeCall, "call", [1, [], {}, {}], "$[0]", "a string"],
    [decodeCall, "call", ["f", {}, {}, {}], "$[1]", "a list"],
    [decodeCall, "call", ["f", [], new Map([[1, 2]]), {}], "$[2]", "a map with string keys"],
    [
      decodeCall,
      "call",
      ["f", [], {}, { ttlMs: -1 }],
      "$[3].ttlMs",
      "an int from 0 to 9007199254740991",
    ],
    [
      decodeCall,
      "call",
      ["f", [], {}, { ttlMs: 0.5 }],
      "$[3].ttlMs",
      "an int from 0 to 9007199254740991",
    ],
    [decodeCall, "call", ["f", [], {}, { stream: 1 }], "$[3].stream", "a bool"],
    [decodeResult, "result", [], "$", "a list of 1 or more"],
    [decodeMemory, "memory", [], "$", "a list of 1 or more"],
    [
      decodeMemory,
      "memory",
      ["give"],
      "$[0]",
      '"want", "lent", "refused", "release", "device-release" or "frame"',
    ],
    [
      decodeMemory,
      "memory",
      ["device-release", [-1]],
      "$[1][0]",
      "an int from 0 to 9007199254740991",
    ],
    [decodeMemory, "memory", ["frame", "a reference"], "$[1]", "bytes"],
    [decodeMemory, "memory", ["want", 1], "$", "a list of 3 or more"],
    [decodeMemory, "memory", ["want", 1, 0.5], "$[2]", "an int from 0 to 9007199254740991"],
    [decodeMemory, "memory", ["release", [2 ** 32]], "$[1][0]", "an int from 0 to 4294967295"],
    [decodeItem, "item", [-1, null], "$[0]", "an int from 0 to 9007199254740991"],
    [decodeCredit, "credit", [0], "$[0]", "an int from 1 to 2147483647"],
    [decodeCredit, "credit", [2 ** 31], "$[0]", "an int from 1 to 2147483647"],
    [decodeEnd, "end", [2n ** 60n], "$[0]", "an int from 0 to 9007199254740991"],
    [decodeCancel, "cancel", [null], "$[0]", "a string"],
    [decodeErrorBody, "error", [], "$", "a map with string keys"],
    [decodeErrorBody, "error", {}, "$.code", "a string"],
    [decodeErrorBody, "error", { cause: 1 }, "$.cause", "a map with string keys"],
    [
      decodeReference,
      "reference",
      [1, 2 ** 32, 0, 0, 0, 0, {}, new Uint8Array(32)],
      "$[1]",
      "an int from 0 to 4294967295",
    ],
    [decodeReference, "reference", [1, 1, 0, 0, 0, 0, {}, new Uint8Array(31)], "$[7]", "32 bytes"],
    [
      decodeReference,
      "reference",
      [1, 1, 0, 0, 0, 0, { shape: [-1] }, new Uint8Array(32)],
      "$[6].shape[0]",
      "an int from 0 to 9007199254740991",
    ],
    [
      decodeReference,
      "reference",
      [1, 1, 0, 0, 0, 0, { dtype: 1 }, new Uint8Array(32)],
      "$[6].dtype",
      "a string",
    ],
  ];

  test.each(cases)("%o as %s", (decode, body, value, path, expected) => {
    const bytes = msgpack().encode(value);
    expect(() => decode(bytes)).toThrow(
      expect.objectContaining({
        code: "BODY_INVALID",
        message: `Cannot read ${body}: ${path} must be ${expected}`,
        context: { body, path, expected },
      }) as Error,
    );
  });

  test("but more elements and unknown keys are ignored", () => {
    const codec = msgpack();
    expect(decodeResult(codec.encode([1, null, 3]))).toEqual({ value: 1 });
    expect(decodeCall(codec.encode(["f", [], {}, { newer: 1 }, "newer"]))).toEqual({
      function: "f",
      args: [],
      kwargs: {},
      options: {},
    });
  });
});

describe("an error body", () => {
  test("keeps code, context, causes and correlation id", () => {
    const cause = new AmphisError(
      "SEQUENCE_BROKEN",
      "Cannot take stream item 2: item 1 comes next",
      { expected: 1, actual: 2 },
    );
    const error = new AmphisError(
      "FRAME_TOO_LARGE",
      "Cannot decode frame: too large",
      { limit: 1, actual: 2 },
      { cause, correlationId: "c" },
    );
    for (const codec of [msgpack(), msgpack({ maps: "map" }), json()]) {
      const back = decodeErrorBody(encodeErrorBody(error, codec), codec);
      expect(isAmphisError(back, "FRAME_TOO_LARGE") && back.limit).toBe(1);
      expect(back).toMatchObject({
        message: error.message,
        correlationId: "c",
        cause: { code: "SEQUENCE_BROKEN", context: { expected: 1, actual: 2 } },
      });
    }
  });

  test("is made of anything thrown, also of what cannot travel", () => {
    const odd = new AmphisError("X" as "BODY_INVALID", "half \ud800", { body: () => 1 } as never, {
      cause: new Error("\udc00"),
    });
    const back = decodeErrorBody(encodeErrorBody(odd));
    expect(back).toMatchObject({
      code: "X",
      message: "half \ufffd",
      context: {},
      cause: { code: "REMOTE_FAILURE", message: "\ufffd" },
    });
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(decodeErrorBody(encodeErrorBody(thrown))).toBeInstanceOf(AmphisError);
      }),
      { numRuns: 1_000 },
    );
  });
});

test("what a token covers is encoded to the same bytes again, with keys of a newer peer", () => {
  const codec = msgpack({ exactFloats: true });
  const descriptor = { dtype: "f8", shape: [2], newer: [1, 0.5] };
  const signed = codec.encode([1, 2, 3, 4, 5, 6, descriptor]);
  const decoded = decodeReference(codec.encode([1, 2, 3, 4, 5, 6, descriptor, new Uint8Array(32)]));
  expect(referenceToSign(decoded)).toEqual(signed);
});

describe("a reference is judged field by field", () => {
  const good: readonly Value[] = [1, 2, 3, 4, 5, 6, {}, new Uint8Array(32)];
  const none = [-1, 2 ** 53, 1.5, "1", null, true, [], {}];
  const cases = [
    ...[0, 1, 2, 3, 4, 5].flatMap((at) => none.map((value) => [at, value, `$[${at}]`] as const)),
    [1, 2 ** 32, "$[1]"],
    [6, [], "$[6]"],
    [6, null, "$[6]"],
    [6, { dtype: 5 }, "$[6].dtype"],
    [6, { format: [] }, "$[6].format"],
    [6, { shape: {} }, "$[6].shape"],
    [6, { shape: [1, 0.5] }, "$[6].shape[1]"],
    [6, { strides: "8" }, "$[6].strides"],
    [6, { strides: [-(2 ** 53)] }, "$[6].strides[0]"],
    [7, new Uint8Array(33), "$[7]"],
    [7, "x".repeat(32), "$[7]"],
  ] as const;

  test.each(cases)("element %i as %o", (at, value, path) => {
    const bytes = msgpack().encode(good.with(at, value as Value));
    expect(() => decodeReference(bytes)).toThrow(
      expect.objectContaining({
        code: "BODY_INVALID",
        context: expect.objectContaining({ path }) as object,
      }) as Error,
    );
  });

  test("that are absent, of a later version or the last that there are is fine", () => {
    const descriptor = { dtype: null, format: null, shape: null, strides: null, later: [null] };
    const read = decodeReference(msgpack().encode([...good.with(6, descriptor), "later"]));
    expect(read.descriptor).toEqual(descriptor);
    const most = Number.MAX_SAFE_INTEGER;
    const last = [most, 0xffff_ffff, most, most, most, most];
    const layout = { shape: [most], strides: [-most] };
    const { token, ...fields } = decodeReference(
      msgpack().encode([...last, layout, good[7] as Value]),
    );
    expect(Object.values(fields)).toEqual([...last, layout]);
    expect(token).toEqual(new Uint8Array(32));
  });
});

test("no bytes make a body decoder throw anything but the typed error", () => {
  const decoders = [
    decodeCall,
    decodeResult,
    decodeItem,
    decodeCredit,
    decodeEnd,
    decodeCancel,
    decodeErrorBody,
    decodeReference,
  ];
  const seeds = [
    encodeCall({ function: "m:f", args: [1], kwargs: { a: null }, options: { ttlMs: 1 } }),
    encodeErrorBody(new Error("x")),
    encodeReference(reference),
    encodeItem({ sequence: 0, value: [1] }),
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(255))
    .map(([seed, at, byte]) => {
      const bytes = seed.slice();
      bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 64 })), (bytes) => {
      for (const decode of decoders) {
        try {
          decode(bytes);
        } catch (error) {
          expect(isAmphisError(error)).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
