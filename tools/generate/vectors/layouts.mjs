const text = { type: "string" };
const u8 = { "x-amphis": "u8" };

function record(properties, required = Object.keys(properties)) {
  return { type: "object", properties, required };
}

const TREE = {
  $defs: {
    node: record({ name: text, children: { type: "array", items: { $ref: "#/$defs/node" } } }),
  },
  $ref: "#/$defs/node",
};

const ORDER = record(
  {
    id: { "x-amphis": "uuid" },
    state: { enum: ["open", "paid", "sent"] },
    total: { "x-amphis": "decimal" },
    lines: { type: "array", items: record({ sku: text, count: { "x-amphis": "u32" } }) },
    note: { anyOf: [text, { type: "null" }] },
    discount: { type: "number" },
  },
  ["id", "state", "total", "lines", "note"],
);

/** A schema and a value for every row of spec/compact.md: `[name, schema, value]`. */
export function layouts({
  Complex,
  Decimal,
  Duration,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  Attachment,
}) {
  const id = new Uuid("0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f");
  const order = {
    id,
    state: "paid",
    total: new Decimal("12.50"),
    lines: [{ sku: "a-1", count: 300 }],
    note: null,
  };
  const integers = {
    u8: 255,
    u16: 65_535,
    u32: 4_294_967_295,
    u64: 2n ** 64n - 1n,
    u128: 2n ** 128n - 1n,
    i8: -128,
    i16: -32_768,
    i32: -2_147_483_648,
    i64: -(2n ** 63n),
    i128: -(2n ** 127n),
  };
  return [
    ...Object.entries(integers).map(([type, value]) => [
      `${type} at its end`,
      { "x-amphis": type },
      value,
    ]),
    ["u64 that is safe", { "x-amphis": "u64" }, 2 ** 40],
    ["f32", { "x-amphis": "f32" }, 0.5],
    ["f64", { "x-amphis": "f64" }, -1.25e-7],
    ["char", { "x-amphis": "char" }, "é"],
    ["bytes", { "x-amphis": "bytes" }, Uint8Array.of(1, 2, 3)],
    ["bytes of 4", { "x-amphis": "bytes", minItems: 4, maxItems: 4 }, Uint8Array.of(1, 2, 3, 4)],
    ["array of 3", { "x-amphis": "array", items: u8, minItems: 3, maxItems: 3 }, [1, 2, 3]],
    ["set", { "x-amphis": "set", items: text }, new Set(["one"])],
    [
      "map",
      { "x-amphis": "map", keys: u8, values: text },
      new Map([
        [1, "one"],
        [200, "two hundred"],
      ]),
    ],
    ["int beyond i64", { "x-amphis": "int" }, 2n ** 70n],
    ["timestamp", { "x-amphis": "timestamp" }, new Timestamp(1_763_692_800, 123_456_789)],
    ["date", { "x-amphis": "date" }, new LocalDate("2026-11-21")],
    ["time", { "x-amphis": "time" }, new LocalTime("08:50:22.000001")],
    ["datetime", { "x-amphis": "datetime" }, new LocalDateTime("2026-11-21T08:50:22")],
    ["duration", { "x-amphis": "duration" }, new Duration(-1, 750_000)],
    ["decimal", { "x-amphis": "decimal" }, new Decimal("-0.10")],
    ["uuid", { "x-amphis": "uuid" }, id],
    ["complex", { "x-amphis": "complex" }, new Complex(1, -2.5)],
    ["path", { "x-amphis": "path" }, new Path("data/x.csv")],
    ["handle", { "x-amphis": "handle" }, new Handle(300, "numpy.ndarray")],
    ["attachment", { "x-amphis": "attachment" }, new Attachment(1, "tensor", { dtype: "<f8" })],
    ["value", { "x-amphis": "value" }, { a: [1, new Float(2), "x"] }],
    ["anything", {}, Tuple.of(1, null)],
    ["const", { const: "fixed" }, "fixed"],
    ["enum", { enum: ["a", "b", 3, null] }, 3],
    ["constants", { anyOf: [{ const: "x" }, { const: "y" }] }, "y"],
    ["option that is there", { anyOf: [{ type: "integer" }, { type: "null" }] }, -7],
    ["option that is not there", { anyOf: [{ type: "null" }, { type: "integer" }] }, null],
    ["union, first", { anyOf: [text, { type: "integer" }, { type: "array", items: text }] }, "s"],
    ["union, last", { anyOf: [text, { type: "integer" }, { type: "array", items: text }] }, ["s"]],
    [
      "union of maps",
      { anyOf: [record({ a: text }), record({ b: { type: "integer" } })] },
      { b: 1 },
    ],
    ["null", { type: "null" }, null],
    ["boolean", { type: "boolean" }, true],
    ["integer", { type: "integer" }, -300],
    ["number", { type: "number" }, new Float(3)],
    ["string", text, "größe"],
    ["string of 300", text, "abc".repeat(100)],
    [
      "tuple",
      { type: "array", prefixItems: [u8, text, { type: "boolean" }], items: false },
      [7, "hi", true],
    ],
    ["list", { type: "array", items: { "x-amphis": "u16" } }, [1, 251, 65_535]],
    ["record of values", { type: "object", additionalProperties: u8 }, { b: 1, a: 2 }],
    ["object with what is optional absent", ORDER, order],
    ["object with what is optional there", ORDER, { ...order, note: "ring twice", discount: 0.25 }],
    ["recursion", TREE, { name: "root", children: [{ name: "leaf", children: [] }] }],
    ["what has no layout of its own", { not: { type: "string" } }, 5],
  ];
}
