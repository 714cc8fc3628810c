import fc from "fast-check";
import { expect, test } from "vitest";

import { isAmphisError } from "../../error/index.ts";
import {
  Complex,
  Decimal,
  Duration,
  Float,
  Handle,
  LocalDate,
  Path,
  Timestamp,
  Tuple,
  Uuid,
} from "../../value/index.ts";
import { compact, type CompactCodec, compactFor } from "./index.ts";

/** A schema and values of it, as they are after a round trip. */
interface Sample {
  readonly schema: object;
  readonly value: fc.Arbitrary<unknown>;
}

const RUNS = 1_000;
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constant("x".repeat(300)),
);
const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom("__proto__", "constructor", "toString", "a b", "é", '"', "\u2028", "`${x}`"),
);

function int(min: bigint, max: bigint): fc.Arbitrary<number | bigint> {
  return fc
    .bigInt({ min, max })
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
}

const integers: readonly Sample[] = [8n, 16n, 32n, 64n, 128n].flatMap((bits) => [
  { schema: { "x-amphis": `u${bits}` }, value: int(0n, (1n << bits) - 1n) },
  {
    schema: { "x-amphis": `i${bits}` },
    value: int(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n),
  },
]);

const leaves: readonly Sample[] = [
  ...integers,
  { schema: { type: "integer" }, value: int(-(1n << 63n), (1n << 63n) - 1n) },
  { schema: { type: "number" }, value: fc.double() },
  { schema: { "x-amphis": "f32" }, value: fc.float() },
  { schema: { type: "boolean" }, value: fc.boolean() },
  { schema: { type: "null" }, value: fc.constant(null) },
  { schema: { const: { a: [1] } }, value: fc.constant({ a: [1] }) },
  { schema: { enum: ["a", 2, null, { b: 1 }] }, value: fc.constantFrom("a", 2, null, { b: 1 }) },
  { schema: { anyOf: [{ const: "x" }, { const: "y" }] }, value: fc.constantFrom("x", "y") },
  { schema: { type: "string", maxLength: 3 }, value: text },
  {
    schema: { "x-amphis": "char" },
    value: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  },
  { schema: { "x-amphis": "bytes" }, value: fc.uint8Array({ maxLength: 300 }) },
  {
    schema: { "x-amphis": "bytes", minItems: 3, maxItems: 3 },
    value: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  },
  { schema: { "x-amphis": "int" }, value: int(-(1n << 200n), 1n << 200n) },
  {
    schema: { "x-amphis": "timestamp" },
    value: fc
      .tuple(
        fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }),
        fc.integer({ min: 1, max: 999_999 }),
      )
      .map(([s, ns]) => new Timestamp(s, ns)),
  },
  { schema: { "x-amphis": "date" }, value: fc.constant(new LocalDate("2026-11-21")) },
  {
    schema: { "x-amphis": "duration" },
    value: fc.integer({ min: 0, max: 999_999 }).map((us) => new Duration(-3, us)),
  },
  { schema: { "x-amphis": "decimal" }, value: fc.constant(new Decimal("-1.50E+3")) },
  { schema: { "x-amphis": "uuid" }, value: fc.uuid().map((each) => new Uuid(each)) },
  {
    schema: { "x-amphis": "complex" },
    value: fc.tuple(fc.double(), fc.double()).map(([re, im]) => new Complex(re, im)),
  },
  { schema: { "x-amphis": "path" }, value: fc.constant(new Path("/tmp/é")) },
  {
    schema: { "x-amphis": "handle" },
    value: fc.nat().map((id) => new Handle(id, "numpy.ndarray")),
  },
  {
    schema: {},
    value: fc.constantFrom<unknown>(
      1,
      "a",
      [1, [new Tuple(1, 2)]],
      { a: { b: null } },
      new Set([1, "x"]),
      new Map([[1, 2]]),
      1n << 70n,
    ),
  },
];

function sampleAt(depth: number): fc.Arbitrary<Sample> {
  const leaf = fc.constantFrom(...leaves);
  if (depth === 0) return leaf;
  const inner = sampleAt(depth - 1);
  return fc.oneof(
    leaf,
    inner.map(nullable),
    inner.map(listOf),
    inner.map(recordOf),
    fc.array(inner, { maxLength: 4 }).map(tupleOf),
    structOf(inner),
    inner.map(unionOf),
  );
}

function nullable({ schema, value }: Sample): Sample {
  return { schema: { anyOf: [schema, { type: "null" }] }, value: fc.option(value) };
}

/** In a map of its own, so that elements never take zero bytes. */
function listOf({ schema, value }: Sample): Sample {
  const items = {
    type: "object",
    properties: { n: { "x-amphis": "u8" }, v: schema },
    required: ["n", "v"],
  };
  return {
    schema: { type: "array", items },
    value: fc.array(fc.record({ n: fc.nat(255), v: value }, { noNullPrototype: true }), {
      maxLength: 4,
    }),
  };
}

function recordOf({ schema, value }: Sample): Sample {
  return {
    schema: { type: "object", additionalProperties: schema },
    value: fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }),
  };
}

function tupleOf(samples: readonly Sample[]): Sample {
  return {
    schema: { type: "array", prefixItems: samples.map(({ schema }) => schema), items: false },
    value: fc.tuple(...samples.map(({ value }) => value)),
  };
}

function structOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc
    .uniqueArray(fc.tuple(name, inner, fc.boolean()), { selector: ([key]) => key, maxLength: 5 })
    .map((fields) => ({
      schema: {
        type: "object",
        properties: Object.fromEntries(fields.map(([key, { schema }]) => [key, schema])),
        required: fields.filter(([, , required]) => required).map(([key]) => key),
      },
      value: fc
        .tuple(
          ...fields.map(([key, { value }, required]) =>
            fc.tuple(fc.constant(key), value, required ? fc.constant(true) : fc.boolean()),
          ),
        )
        .map((entries) => Object.fromEntries(entries.filter(([, , present]) => present))),
    }));
}

/** The second member is told from the first by a property that no other sample has. */
function unionOf({ schema, value }: Sample): Sample {
  const tagged = { type: "object", properties: { "only here": schema }, required: ["only here"] };
  return {
    schema: { anyOf: [tagged, { type: "string" }, { type: "boolean" }] },
    value: fc.oneof(
      value.map((each) => ({ "only here": each })),
      text,
      fc.boolean(),
    ),
  };
}

const cases = sampleAt(3).chain(({ schema, value }) =>
  fc.record({ schema: fc.constant(schema), value }, { noNullPrototype: true }),
);

function codecsOf(
  schema: object,
): readonly (readonly [CompactCodec<unknown>, CompactCodec<unknown>])[] {
  return (["varint", "fixed"] as const).map((integers) => [
    compactFor<unknown>(schema, { integers }),
    compactFor<unknown>(schema, { integers, generate: false }),
  ]);
}

test("any value of any schema comes back, and generated code writes what walking the schema writes", () => {
  fc.assert(
    fc.property(cases, ({ schema, value }) => {
      for (const [generated, walking] of codecsOf(schema)) {
        const bytes = generated.encode(value);
        expect(walking.encode(value)).toEqual(bytes);
        expect(generated.decode(bytes)).toEqual(value);
        expect(walking.decode(bytes)).toEqual(value);
      }
    }),
    { numRuns: RUNS },
  );
});

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    return error.code;
  }
}

const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "cut", "insert")), {
  minLength: 1,
  maxLength: 4,
});

function edited(
  bytes: Uint8Array,
  changes: readonly (readonly [number, number, string])[],
): Uint8Array {
  const list = [...bytes];
  for (const [at, byte, act] of changes) {
    const place = at % (list.length + 1);
    if (act === "cut") list.length = place;
    else list.splice(place, act === "set" ? 1 : 0, byte);
  }
  return Uint8Array.from(list);
}

test("mutated bytes of any schema decode or fail with a typed error, alike in both ways", () => {
  fc.assert(
    fc.property(cases, edits, ({ schema, value }, changes) => {
      for (const [generated, walking] of codecsOf(schema)) {
        const bytes = edited(generated.encode(value), changes);
        expect(outcome(() => generated.decode(bytes))).toEqual(
          outcome(() => walking.decode(bytes)),
        );
      }
    }),
    { numRuns: RUNS },
  );
});

test("random bytes decode as a value or fail with a typed error", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.integer({ min: 0, max: 23 }),
      (bytes, variant) => {
        outcome(() => compact().decode(Uint8Array.of(variant, ...bytes)));
      },
    ),
    { numRuns: 1_000 },
  );
});

test("values of other kinds are refused with a typed error, alike in both ways", () => {
  const anything = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    }),
    fc.constant(new Float(1)),
    fc.constant(Symbol("s")),
  );
  fc.assert(
    fc.property(cases, anything, ({ schema }, value) => {
      for (const [generated, walking] of codecsOf(schema)) {
        expect(outcome(() => generated.encode(value))).toEqual(
          outcome(() => walking.encode(value)),
        );
      }
    }),
    { numRuns: RUNS },
  );
});
