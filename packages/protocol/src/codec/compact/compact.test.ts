import { describe, expect, test } from "vitest";

import { isAmphisError } from "../../error/index.ts";
import { Tuple, Uuid } from "../../value/index.ts";
import { compact, compactFor } from "./index.ts";

const U8 = { "x-amphis": "u8" };
const TREE = {
  $defs: {
    Tree: {
      type: "object",
      properties: {
        name: { type: "string" },
        children: { type: "array", items: { $ref: "#/$defs/Tree" } },
      },
      required: ["name", "children"],
    },
  },
  $ref: "#/$defs/Tree",
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

function failure(act: () => unknown): unknown {
  try {
    return { returned: act() };
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    return { code: error.code, ...error.context };
  }
}

const LAYOUTS: readonly (readonly [string, object, unknown, string])[] = [
  ["integer is i64", { type: "integer" }, -1, "01"],
  ["number is f64", { type: "number" }, 1.5, "000000000000f83f"],
  ["string has its length in front", { type: "string" }, "é", "02c3a9"],
  ["constant takes no bytes", { const: "a" }, "a", ""],
  ["enum is its index", { enum: ["a", "b"] }, "b", "01"],
  [
    "anyOf of constants is their index",
    { anyOf: [{ const: 1 }, { type: "string", const: "x" }] },
    "x",
    "01",
  ],
  ["null first is still an option", { anyOf: [{ type: "null" }, U8] }, 7, "0107"],
  ["absent option is one byte", { anyOf: [U8, { type: "null" }] }, null, "00"],
  [
    "anyOf has the index of the first member that fits",
    { anyOf: [U8, { type: "integer" }, { type: "string" }] },
    300,
    "01fb5802",
  ],
  [
    "tuple has no length",
    { type: "array", prefixItems: [U8, { type: "boolean" }], items: false },
    [1, true],
    "0101",
  ],
  [
    "tuple in the older way",
    { type: "array", items: [U8, U8], additionalItems: false },
    [1, 2],
    "0102",
  ],
  ["open tuple is a value", { type: "array", prefixItems: [U8] }, [1], "07010202"],
  [
    "object is its properties in order",
    { type: "object", properties: { b: U8, a: U8 }, required: ["b", "a"] },
    { a: 1, b: 2 },
    "0201",
  ],
  [
    "optional property is an option",
    { type: "object", properties: { a: U8, b: U8 }, required: ["a"] },
    { a: 1 },
    "0100",
  ],
  [
    "patternProperties alone is a map of strings",
    { type: "object", patternProperties: { "^.*$": U8 } },
    { a: 1 },
    "01016101",
  ],
  ["map of integers", { "x-amphis": "map", keys: U8, values: U8 }, new Map([[1, 2]]), "010102"],
  [
    "uuid is 16 bytes",
    { "x-amphis": "uuid" },
    new Uuid("018f0000-0000-7000-8000-000000000001"),
    "018f0000000070008000000000000001",
  ],
  ["type list is a value", { type: ["string", "null"] }, "a", "050161"],
  [
    "reference is what it refers to",
    TREE,
    { name: "a", children: [{ name: "b", children: [] }] },
    "016101016200",
  ],
];

describe.each([
  ["generated code", true],
  ["walking the schema", false],
] as const)("compact by %s", (_, generate) => {
  test.each(LAYOUTS)("%s", (_name, schema, value, expected) => {
    const codec = compactFor<unknown>(schema, { generate });
    expect(hex(codec.encode(value))).toBe(expected);
    expect(codec.decode(bytes(expected))).toEqual(value);
  });

  test("names where and why a value does not fit", () => {
    const schema = {
      type: "object",
      properties: {
        users: {
          type: "array",
          items: { type: "object", properties: { "the age": U8 }, required: ["the age"] },
        },
      },
      required: ["users"],
    };
    const codec = compactFor<unknown>(schema, { generate });
    const path = '$.users[1]["the age"]';
    const users = (age: unknown): unknown => ({ users: [{ "the age": 1 }, { "the age": age }] });
    expect(failure(() => codec.encode(users("x")))).toEqual({
      code: "VALUE_UNSUPPORTED",
      path,
      expected: "u8",
      received: "a string",
    });
    expect(failure(() => codec.encode(users(256)))).toEqual({
      code: "VALUE_OUT_OF_RANGE",
      path,
      expected: "u8",
      received: "an int",
    });
    expect(failure(() => codec.encode(users(1.5)))).toEqual({
      code: "VALUE_UNSUPPORTED",
      path,
      expected: "u8",
      received: "a float",
    });
    expect(failure(() => codec.encode({ users: [], more: 1 }))).toEqual({
      code: "VALUE_UNSUPPORTED",
      path: "$",
      expected: 'a map without "more"',
      received: "a map",
    });
    expect(failure(() => codec.encode({ users: [{}] }))).toEqual({
      code: "VALUE_UNSUPPORTED",
      path: "$.users[0]",
      expected: 'a map with "the age"',
      received: "a map",
    });
  });

  test("refuses lone surrogates with their path", () => {
    const codec = compactFor<unknown>({ type: "array", items: { type: "string" } }, { generate });
    expect(failure(() => codec.encode(["ok", "\ud800"]))).toMatchObject({
      code: "VALUE_UNSUPPORTED",
      path: "$[1]",
    });
  });

  test("properties that are undefined count as absent", () => {
    const codec = compactFor<unknown>({ type: "object", properties: { a: U8 } }, { generate });
    expect(hex(codec.encode({ a: undefined, b: undefined }))).toBe("00");
  });

  test("names of the prototype are properties like others", () => {
    const properties = JSON.parse(
      '{"__proto__":{"x-amphis":"u8"},"toString":{"x-amphis":"u8"}}',
    ) as object;
    const codec = compactFor<unknown>({ type: "object", properties }, { generate });
    expect(hex(codec.encode({}))).toBe("0000");
    const decoded = codec.decode(bytes("01050106")) as object;
    expect(Object.entries(decoded)).toEqual([
      ["__proto__", 5],
      ["toString", 6],
    ]);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });

  test.each([
    ["a count beyond the input", { type: "array", items: U8 }, "fc00000010"],
    [
      "a huge count of large elements",
      { type: "array", items: { type: "number" } },
      "fdffffffffffffff00",
    ],
    ["a text beyond the input", { type: "string" }, "05616263"],
    ["a text that is not UTF-8", { type: "string" }, "02c328"],
    ["a marker that is too wide", { "x-amphis": "u16" }, "fc01000000"],
    ["marker 255", { "x-amphis": "u64" }, "ff"],
    ["a bool that is 2", { type: "boolean" }, "02"],
    ["an index beyond the enum", { enum: ["a"] }, "01"],
    ["a member beyond the union", { anyOf: [U8, { type: "string" }] }, "02"],
    ["a char that is a surrogate", { "x-amphis": "char" }, "eda080"],
    ["a date that does not exist", { "x-amphis": "date" }, "0a323032362d30322d3330"],
    ["bytes behind the value", U8, "0102"],
    ["a value of another kind where an int belongs", { "x-amphis": "int" }, "050161"],
  ] as const)("refuses %s", (_name, schema, input) => {
    expect(
      failure(() => compactFor<unknown>(schema, { generate }).decode(bytes(input))),
    ).toMatchObject({ code: "DECODE_FAILED", codec: "compact" });
  });

  test("nesting through references is limited in both directions", () => {
    const codec = compactFor<unknown>(TREE, { generate, maxDepth: 4 });
    const nested = (levels: number): unknown => ({
      name: "",
      children: levels === 0 ? [] : [nested(levels - 1)],
    });
    expect(codec.decode(codec.encode(nested(1)))).toEqual(nested(1));
    expect(failure(() => codec.encode(nested(2)))).toEqual({ code: "DEPTH_EXCEEDED", limit: 4 });
    expect(failure(() => codec.decode(bytes("000100010001000100")))).toEqual({
      code: "DEPTH_EXCEEDED",
      limit: 4,
    });
    const cycle: { name: string; children: unknown[] } = { name: "", children: [] };
    cycle.children.push(cycle);
    expect(failure(() => compactFor<unknown>(TREE, { generate }).encode(cycle))).toEqual({
      code: "DEPTH_EXCEEDED",
      limit: 128,
    });
  });

  test("evolution takes optional properties at the end for absent and skips unknown ones", () => {
    const old = { type: "object", properties: { a: U8 }, required: ["a"] };
    const grown = {
      type: "object",
      properties: { a: U8, b: U8, c: { type: "string" } },
      required: ["a"],
    };
    const written = compactFor<unknown>(grown, { generate }).encode({ a: 1, b: 2, c: "x" });
    expect(compactFor<unknown>(old, { generate, evolve: true }).decode(written)).toEqual({ a: 1 });
    expect(compactFor<unknown>(grown, { generate, evolve: true }).decode(bytes("01"))).toEqual({
      a: 1,
    });
    expect(failure(() => compactFor<unknown>(old, { generate }).decode(written))).toMatchObject({
      code: "DECODE_FAILED",
    });
    expect(
      failure(() => compactFor<unknown>(grown, { generate }).decode(bytes("01"))),
    ).toMatchObject({ code: "DECODE_FAILED" });
    expect(
      failure(() => compactFor<unknown>(grown, { generate, evolve: true }).decode(bytes("0101"))),
    ).toMatchObject({ code: "DECODE_FAILED" });
  });

  test("keys that are tuples come back as tuples", () => {
    const codec = compactFor<unknown>(
      {
        "x-amphis": "map",
        keys: { type: "array", prefixItems: [U8, U8], items: false },
        values: U8,
      },
      { generate },
    );
    const decoded = codec.decode(codec.encode(new Map([[Tuple.of(1, 2), 3]]))) as Map<
      unknown,
      unknown
    >;
    expect([...decoded]).toEqual([[Tuple.of(1, 2), 3]]);
    expect([...decoded.keys()][0]).toBeInstanceOf(Tuple);
  });

  test("a value in front of other bytes tells where it ends", () => {
    expect(
      compactFor<unknown>({ type: "string" }, { generate }).decodePrefix(bytes("ff0161ff"), 1),
    ).toEqual({ value: "a", end: 3 });
  });
});

test.each([
  ["a list of nothing", { type: "array", items: { type: "null" } }],
  ["a set of nothing", { "x-amphis": "set", items: { const: 1 } }],
  ["a list of empty structs", { type: "array", items: { type: "object", properties: {} } }],
  [
    "a definition that holds itself",
    {
      $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" } }, required: ["a"] } },
      $ref: "#/$defs/A",
    },
  ],
  ["a definition that is itself", { $defs: { A: { $ref: "#/$defs/A" } }, $ref: "#/$defs/A" }],
  ["an unknown kind", { "x-amphis": "u7" }],
  ["an unknown definition", { $ref: "#/$defs/B" }],
  ["an array without a length", { "x-amphis": "array", items: U8 }],
])("%s has no layout", (_, schema) => {
  expect(failure(() => compactFor(schema))).toMatchObject({ code: "SCHEMA_INVALID" });
});

test("nothing in a schema becomes code", () => {
  const hostile = '"];globalThis.injected=true;//`${globalThis.injected=true}`\u2028';
  const schema = {
    $defs: { [hostile]: U8 },
    type: "object",
    properties: {
      [hostile]: { $ref: `#/$defs/${hostile.replaceAll("/", "~1")}` },
      b: { enum: [hostile] },
    },
    required: [hostile, "b"],
  };
  const codec = compactFor<unknown>(schema);
  const value = { [hostile]: 5, b: hostile };
  expect(codec.decode(codec.encode(value))).toEqual(value);
  expect("injected" in globalThis).toBe(false);
});

test("plain compact refuses what is no value", () => {
  expect(failure(() => compact().encode({ a: [1, () => 1] } as never))).toMatchObject({
    code: "VALUE_UNSUPPORTED",
    path: "$.a[1]",
  });
  expect(failure(() => compact().encode(new Map([[[1], 2]])))).toMatchObject({
    code: "VALUE_UNSUPPORTED",
  });
});

test("options that do not exist are refused", () => {
  expect(() => compactFor({}, { integers: "big" as never })).toThrow(
    new TypeError('Cannot make codec: integers must be "varint" or "fixed", got "big"'),
  );
});
