import fc from "fast-check";
import { expect, test } from "vitest";

import { isAmphisError } from "../error/index.ts";
import { compileSchema } from "./index.ts";
import { interpretSchema } from "./validator.ts";

const RUNS = 1_000;
const name = fc.constantFrom("a", "b", "kind", "__proto__", "toString", "a b");
const constant = fc.constantFrom<unknown>("x", "y", 1, null, true, [1], { a: 1 });
const count = fc.nat(3);

function schemaAt(depth: number): fc.Arbitrary<unknown> {
  const number = fc.record(
    {
      type: fc.constantFrom("integer", "number"),
      minimum: fc.integer({ min: -3, max: 3 }),
      exclusiveMaximum: fc.integer({ min: -3, max: 3 }),
      multipleOf: fc.constantFrom(2, 0.5),
    },
    { requiredKeys: ["type"] },
  );
  const text = fc.record(
    {
      type: fc.constant("string"),
      minLength: count,
      maxLength: count,
      pattern: fc.constantFrom("^a", "b$", "[xy]"),
    },
    { requiredKeys: ["type"] },
  );
  const leaf = fc.oneof(
    number,
    text,
    fc.constantFrom<unknown>(
      {},
      true,
      false,
      { type: "null" },
      { type: "boolean" },
      { type: ["string", "null"] },
      { "x-amphis": "u8" },
      { "x-amphis": "i64" },
      { "x-amphis": "bytes" },
      { minimum: 1, minLength: 1 },
    ),
    constant.map((value) => ({ const: value })),
    fc.array(constant, { minLength: 1, maxLength: 10 }).map((values) => ({ enum: values })),
  );
  if (depth === 0) return leaf;
  const inner = schemaAt(depth - 1);
  const several = fc.array(inner, { minLength: 1, maxLength: 3 });
  const object = fc.record(
    {
      type: fc.constant("object"),
      properties: fc.dictionary(name, inner, { maxKeys: 3, noNullPrototype: true }),
      required: fc.array(name, { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), inner),
      patternProperties: fc.dictionary(fc.constantFrom("^a", "d$"), inner, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      minProperties: count,
    },
    { requiredKeys: ["properties"], noNullPrototype: true },
  );
  const list = fc.record(
    {
      type: fc.constant("array"),
      items: inner,
      minItems: count,
      maxItems: count,
      uniqueItems: fc.boolean(),
      prefixItems: fc.array(inner, { maxLength: 2 }),
    },
    { requiredKeys: ["type"] },
  );
  return fc.oneof(
    leaf,
    object,
    list,
    several.map((anyOf) => ({ anyOf })),
    several.map((oneOf) => ({ oneOf })),
    several.map((allOf) => ({ allOf })),
    inner.map((not) => ({ not })),
  );
}

const scalar = fc.oneof(
  constant,
  fc.integer({ min: -4, max: 300 }),
  fc.bigInt({ min: -5n, max: 1n << 64n }),
  fc.double(),
  fc.string({ maxLength: 4, unit: fc.constantFrom("a", "b", "x", "😀") }),
  fc.constant(new Uint8Array(2)),
  fc.constant(undefined),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc
      .dictionary(fc.string({ maxLength: 2 }), tie("value"), { maxKeys: 2, noNullPrototype: true })
      .map((record) => new Map(Object.entries(record))),
  ),
}));

test("generated code, the walk over the schema and the list of failures agree on any schema and value", () => {
  fc.assert(
    fc.property(schemaAt(3), value, (schema, candidate) => {
      const [generated, walking] = [compileSchema(schema as object), interpretSchema(schema)];
      const accepted = walking.check(candidate);
      expect(generated.check(candidate)).toBe(accepted);
      expect(generated.failures(candidate).length === 0).toBe(accepted);
    }),
    { numRuns: RUNS },
  );
});

test("every failure has a path, and names of any kind do not break the texts", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ unit: "binary" }),
        fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true }),
      ),
      (record) => {
        for (const failure of compileSchema({
          type: "object",
          additionalProperties: { type: "boolean" },
        }).failures({ ...record })) {
          expect(failure.path).toMatch(/^\$(?:\.|\[)[^\p{Cc}]*$/u);
          expect(failure.message).toBe(
            `${failure.path}: expected ${failure.expected}, received ${failure.received}`,
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("anything at all is a schema or refused with a pointer", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.dictionary(
          fc.constantFrom(
            "type",
            "items",
            "anyOf",
            "$ref",
            "$defs",
            "properties",
            "pattern",
            "minimum",
            "x-amphis",
          ),
          fc.jsonValue(),
        ),
      ),
      (schema) => {
        try {
          compileSchema({ properties: { a: schema } });
        } catch (error) {
          expect(
            isAmphisError(error, "SCHEMA_INVALID") && error.path.startsWith("/properties/a"),
          ).toBe(true);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
