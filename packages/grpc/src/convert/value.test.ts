import { arbitraryValue } from "@amphis/conformance/codec";
import { isAmphisError, msgpack, Timestamp, Tuple, type Value } from "@amphis/protocol";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  decodeProto,
  type ProtoValue,
  valueFromProto,
  ValueSchema,
  valueToProto,
} from "../index.ts";

function throughBytes(value: Value): ProtoValue {
  return decodeProto(ValueSchema, toBinary(ValueSchema, valueToProto(value)));
}

test("arbitrary values come back from their bytes, in every option the same as from MessagePack", () => {
  const exact = msgpack({ exactFloats: true, maps: "map" });
  fc.assert(
    fc.property(arbitraryValue(), (value) => {
      const message = throughBytes(value);
      expect(valueFromProto(message)).toEqual(value);
      const relayed = valueFromProto(message, { exactFloats: true, maps: "map" });
      expect(exact.encode(relayed)).toEqual(exact.encode(value));
    }),
    { numRuns: 1_000 },
  );
});

test("a timestamp keeps its nanoseconds and a float that it is one", () => {
  expect(valueFromProto(throughBytes(new Timestamp(-1, 999_999_999)))).toMatchObject({
    seconds: -1,
    nanoseconds: 999_999_999,
  });
  expect(valueToProto(1.5).kind).toEqual({ case: "floating", value: 1.5 });
  expect(valueToProto(-0).kind).toEqual({ case: "floating", value: -0 });
  expect(valueToProto(1).kind).toEqual({ case: "integer", value: 1n });
});

describe("what is no value is refused", () => {
  test.each<[unknown, string, string]>([
    [() => 1, "VALUE_UNSUPPORTED", "Cannot write value: $ must be a value, got <a function>"],
    [
      { a: [Symbol("s")] },
      "VALUE_UNSUPPORTED",
      'Cannot write value: $["a"][0] must be a value, got <a symbol>',
    ],
    [
      "\ud800",
      "VALUE_UNSUPPORTED",
      "Cannot write value: $ must be a string of valid Unicode, got a lone surrogate",
    ],
    [
      new Map([[[1], 1]]),
      "VALUE_UNSUPPORTED",
      "Cannot write value: $.get([1]) must be a scalar or a tuple of scalars as a key, got [1]",
    ],
    [
      new Set([Tuple.of({})]),
      "VALUE_UNSUPPORTED",
      "Cannot write value: $[0] must be a scalar or a tuple of scalars as a key, got tuple({})",
    ],
    [
      2n ** 65_535n,
      "VALUE_OUT_OF_RANGE",
      "Cannot write value: $ must be an int of at most 8192 bytes, got a longer int",
    ],
    [
      new Date(Number.NaN),
      "VALUE_OUT_OF_RANGE",
      "Cannot write value: $ must be an instant in the years 0000 to 9999, got another or an invalid Date",
    ],
  ])("%o", (value, code, message) => {
    expect(() => valueToProto(value as Value)).toThrow(
      expect.objectContaining({ code, message }) as Error,
    );
  });
});

describe("a message that is no value is refused with its path", () => {
  const text = { kind: { case: "text", value: "a" } } as const;
  test.each<[unknown, string]>([
    [{}, "$ must be a value with a kind"],
    [{ kind: { case: "list", value: { items: [text, {}] } } }, "$[1] must be a value with a kind"],
    [
      { kind: { case: "map", value: { entries: [{ key: text }] } } },
      "$.entries[0].value must be a value with a kind",
    ],
    [
      {
        kind: {
          case: "map",
          value: { entries: [{ key: { kind: { case: "list", value: {} } }, value: text }] },
        },
      },
      "$.entries[0].key must be a scalar or a tuple of scalars",
    ],
    [{ kind: { case: "date", value: "2023-02-29" } }, "$ must be a valid date"],
    [{ kind: { case: "time", value: "24:00:00" } }, "$ must be a valid time"],
    [{ kind: { case: "datetime", value: "" } }, "$ must be a valid datetime"],
    [{ kind: { case: "decimal", value: "1_0" } }, "$ must be a valid decimal"],
    [{ kind: { case: "uuid", value: new Uint8Array(15) } }, "$ must be a valid uuid"],
    [{ kind: { case: "bigInteger", value: new Uint8Array(0) } }, "$ must be a valid bigInteger"],
    [
      { kind: { case: "bigInteger", value: new Uint8Array(8_193) } },
      "$ must be a valid bigInteger",
    ],
    [{ kind: { case: "path", value: "a\0" } }, "$ must be a valid path"],
    [
      { kind: { case: "timestamp", value: { seconds: 2n ** 62n, nanoseconds: 0 } } },
      "$ must be a valid timestamp",
    ],
    [
      { kind: { case: "timestamp", value: { seconds: 0n, nanoseconds: 1_000_000_000 } } },
      "$ must be a valid timestamp",
    ],
    [
      { kind: { case: "duration", value: { seconds: 0n, microseconds: 1_000_000 } } },
      "$ must be a valid duration",
    ],
    [
      { kind: { case: "handle", value: { id: 2n ** 53n, type: "x" } } },
      "$.id must be an int from 0 to 9007199254740991",
    ],
    [{ kind: { case: "attachment", value: { index: 65_536 } } }, "$ must be a valid attachment"],
    [{ kind: { case: "extension", value: { code: -1 } } }, "$ must be a valid extension"],
  ])("%o", (init, reason) => {
    const message = create(ValueSchema, init as never);
    expect(() => valueFromProto(message)).toThrow(
      expect.objectContaining({
        code: "BODY_INVALID",
        message: `Cannot read value: ${reason}`,
      }) as Error,
    );
  });
});

describe("nesting is bounded", () => {
  function nested(levels: number): Value {
    let value: Value = 1;
    for (let level = 0; level < levels; level += 1) value = { a: value };
    return value;
  }

  test("at 32 levels, which every reader of Protocol Buffers takes", () => {
    expect(valueFromProto(throughBytes(nested(32)))).toEqual(nested(32));
    expect(() => valueToProto(nested(33))).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED", limit: 32 }) as Error,
    );
    expect(() => valueFromProto(valueToProto(nested(33), { maxDepth: 40 }))).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED" }) as Error,
    );
  });

  test("for a value that contains itself", () => {
    const list: Value[] = [];
    list.push(list);
    expect(() => valueToProto(list)).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED" }) as Error,
    );
  });

  test("by the reader of bytes before any conversion", () => {
    const bytes = toBinary(ValueSchema, valueToProto(nested(128), { maxDepth: 128 }));
    expect(() => decodeProto(ValueSchema, bytes)).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
    );
  });
});

test("no bytes lead to anything but a value or the typed error", () => {
  const whole = toBinary(
    ValueSchema,
    valueToProto([1, "a", { b: [1.5, null] }, new Date(0), Tuple.of(1) as Value, new Set([1])]),
  );
  const mutated = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = whole.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 100 })), (bytes) => {
      try {
        valueFromProto(decodeProto(ValueSchema, bytes));
      } catch (error) {
        expect(isAmphisError(error)).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
