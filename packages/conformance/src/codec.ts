import {
  AmphisError,
  type Codec,
  type CodecOptions,
  isAmphisError,
  Timestamp,
  type Value,
} from "@amphis/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { arbitraryValue } from "./codec/arbitrary-value.ts";
import { SAMPLE_VALUES } from "./codec/sample-values.ts";

export { arbitraryKey, arbitraryValue } from "./codec/arbitrary-value.ts";
export type { ArbitraryValueOptions } from "./codec/arbitrary-value.ts";

/** Opens the codec under test with the options of a codec. */
export type OpenCodec = (options?: CodecOptions) => Codec;

/**
 * The contract of a codec as vitest tests: what every codec for the closed set of values keeps.
 *
 * Call it at the top level of a test file: `describeCodec("msgpack", msgpack)`.
 */
export function describeCodec(name: string, open: OpenCodec): void {
  describe(`${name} keeps every value`, () => void describeValues(open));
  describe(`${name} refuses what is no value`, () => void describeRefusals(open));
  describe(`${name} bounds nesting`, () => void describeDepth(open));
  describe(`${name} survives any bytes`, () => void describeHostileBytes(open));
  describe(`${name} leaves memory to its owner`, () => void describeOwnership(open));
}

/** Cases of each property test. */
const RUNS = 1_000;

function describeValues(open: OpenCodec): void {
  const codec = open();
  const exact = open({ exactFloats: true });
  const relay = open({ exactFloats: true, maps: "map" });

  test.each(SAMPLE_VALUES)("%s", (_, value) => {
    const bytes = exact.encode(value);
    expect(exact.decode(bytes)).toEqual(value);
    expect(relay.encode(relay.decode(bytes))).toEqual(bytes);
  });

  test("arbitrary ones, and encodes again what it decoded to the same bytes", () => {
    fc.assert(
      fc.property(arbitraryValue(), (value) => {
        const bytes = codec.encode(value);
        expect(codec.decode(bytes)).toEqual(value);
        expect(relay.encode(relay.decode(bytes))).toEqual(bytes);
      }),
      { numRuns: RUNS },
    );
  });

  test("timestamps to the nanosecond", () => {
    expect(codec.decode(codec.encode(new Timestamp(-1, 999_999_999)))).toMatchObject({
      seconds: -1,
      nanoseconds: 999_999_999,
    });
  });

  test("undefined as nil, and leaves out a property that is undefined", () => {
    expect(codec.decode(codec.encode(undefined))).toBeNull();
    expect(codec.decode(codec.encode([undefined, { a: undefined, b: 1 }]))).toEqual([
      null,
      { b: 1 },
    ]);
  });

  test("buffers of other classes as bytes", () => {
    expect(codec.decode(codec.encode(Uint8Array.of(1, 2).buffer))).toEqual(Uint8Array.of(1, 2));
  });

  test("maps as Map when it is asked to", () => {
    const decoded = open({ maps: "map" }).decode(codec.encode({ a: { 2: "b" } }));
    expect(decoded).toEqual(new Map([["a", new Map([["2", "b"]])]]));
  });

  test("a key named __proto__ as an ordinary key", () => {
    const decoded = codec.decode(codec.encode(JSON.parse('{"__proto__":{"polluted":1}}') as Value));
    expect(Object.keys(decoded as object)).toEqual(["__proto__"]);
    expect("polluted" in (decoded as object)).toBe(false);
  });
}

function describeRefusals(open: OpenCodec): void {
  class Point {
    readonly x = 1;
  }
  const codec = open();
  const cases: readonly (readonly [name: string, value: unknown, code: string])[] = [
    ["a function", () => 1, "VALUE_UNSUPPORTED"],
    ["a symbol", Symbol("s"), "VALUE_UNSUPPORTED"],
    ["an instance of a class", new Point(), "VALUE_UNSUPPORTED"],
    ["a typed array of other elements", new Float64Array(1), "VALUE_UNSUPPORTED"],
    ["a lone surrogate", "\ud800", "VALUE_UNSUPPORTED"],
    ["a lone surrogate as a key", { "\udc00": 1 }, "VALUE_UNSUPPORTED"],
    ["a list as a key", new Map([[[1], 1]]), "VALUE_UNSUPPORTED"],
    ["a map in a set", new Set([{}]), "VALUE_UNSUPPORTED"],
    ["an int of 8,193 bytes", 2n ** 65_535n, "VALUE_OUT_OF_RANGE"],
    ["an invalid date", new Date(Number.NaN), "VALUE_OUT_OF_RANGE"],
    ["a date of the year 10000", new Date(253_402_300_800_000), "VALUE_OUT_OF_RANGE"],
  ];

  test.each(cases)("%s", (_, value, code) => {
    expect(codeOf(() => codec.encode(value as Value))).toBe(code);
  });

  test("with the path to it", () => {
    const refusal = expect.objectContaining({
      code: "VALUE_UNSUPPORTED",
      context: expect.objectContaining({ path: "$.a[1]" }) as unknown,
    }) as Error;
    expect(() => codec.encode({ a: [0, (() => 1) as unknown as Value] })).toThrow(refusal);
  });

  test("and goes on as if nothing had been", () => {
    const before = codec.encode([1, "a"]);
    expect(codeOf(() => codec.encode(["x".repeat(5_000), Symbol("s") as unknown as Value]))).toBe(
      "VALUE_UNSUPPORTED",
    );
    expect(codec.encode([1, "a"])).toEqual(before);
  });
}

function describeDepth(open: OpenCodec): void {
  test("at 128 levels in both directions", () => {
    const [codec, deeper] = [open(), open({ maxDepth: 512 })];
    const allowed = nested(128);
    expect(codec.decode(codec.encode(allowed))).toEqual(allowed);
    expect(codeOf(() => codec.encode(nested(129)))).toBe("DEPTH_EXCEEDED");
    expect(codeOf(() => codec.decode(deeper.encode(nested(129))))).toBe("DEPTH_EXCEEDED");
  });

  test("at another limit when it is given one", () => {
    const codec = open({ maxDepth: 2 });
    expect(codec.decode(codec.encode([[1], { a: 1 }]))).toEqual([[1], { a: 1 }]);
    expect(codeOf(() => codec.encode([{ a: [] }]))).toBe("DEPTH_EXCEEDED");
  });

  test("of a value that contains itself", () => {
    const list: Value[] = [];
    list.push({ list });
    expect(codeOf(() => open().encode(list))).toBe("DEPTH_EXCEEDED");
  });
}

function describeHostileBytes(open: OpenCodec): void {
  const codec = open();
  const whole = codec.encode(
    SAMPLE_VALUES.filter(([name]) => name !== "the longest int").map(([, value]) => value),
  );

  test("cut anywhere", () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(codeOf(() => codec.decode(whole.subarray(0, length)))).toBe("DECODE_FAILED");
    }
  });

  test("with bytes behind the value", () => {
    expect(
      codeOf(() => codec.decode(Uint8Array.of(...codec.encode(1), ...codec.encode(1), 0))),
    ).toBe("DECODE_FAILED");
  });

  test("changed anywhere", () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        decodeOrRefuse(codec, bytes);
      }),
      { numRuns: RUNS },
    );
  });

  test("made at random", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeOrRefuse(codec, bytes)),
      { numRuns: RUNS },
    );
  });
}

function describeOwnership(open: OpenCodec): void {
  const codec = open();
  const value: Value = { text: "x".repeat(100), bytes: Uint8Array.of(1, 2, 3) };

  test("what it encoded stays as it is while it encodes more", () => {
    const first = codec.encode(value);
    const copy = first.slice();
    for (let round = 0; round < 50; round += 1) codec.encode(["y".repeat(round * 100), round]);
    expect(first).toEqual(copy);
  });

  test("what it encoded may be overwritten", () => {
    const first = codec.encode(value);
    const copy = first.slice();
    first.fill(0xff);
    expect(codec.encode(value)).toEqual(copy);
  });

  test("it changes neither the value that it encodes nor the bytes that it decodes", () => {
    const frozen = Object.freeze({ list: Object.freeze([1, Object.freeze({ a: 1 })]) as Value });
    const bytes = codec.encode(frozen);
    const copy = bytes.slice();
    expect(codec.decode(bytes)).toEqual({ list: [1, { a: 1 }] });
    expect(bytes).toEqual(copy);
  });

  test("it reads nothing outside the view that it decodes", () => {
    const bytes = codec.encode(value);
    const larger = new Uint8Array(bytes.length + 20).fill(0x22);
    larger.set(bytes, 10);
    expect(codec.decode(larger.subarray(10, 10 + bytes.length))).toEqual(value);
  });
}

function nested(levels: number): Value {
  let value: Value = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function decodeOrRefuse(codec: Codec, bytes: Uint8Array): void {
  try {
    codec.decode(bytes);
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    expect(["DECODE_FAILED", "DEPTH_EXCEEDED", "EXTENSION_UNKNOWN"]).toContain(error.code);
  }
}

/** The code that an act fails with; undefined when it does not fail. */
function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AmphisError) return error.code;
    throw error;
  }
}
