import { expect, test } from "vitest";

import { isAmphisError } from "../error/index.ts";
import { compileSchema, t } from "./index.ts";
import { interpretSchema } from "./validator.ts";

const TREE = {
  $defs: {
    T: {
      type: "object",
      properties: { next: { anyOf: [{ $ref: "#/$defs/T" }, { type: "null" }] } },
    },
  },
  $ref: "#/$defs/T",
};

test("compiling a schema again gives the same validator", () => {
  const schema = { type: "string" };
  expect(compileSchema(schema)).toBe(compileSchema(schema));
  expect(compileSchema(schema, { name: "other" })).not.toBe(compileSchema(schema));
});

test("validate returns the value itself, or throws every failure under the name of the schema", () => {
  const validator = compileSchema({
    title: "point",
    type: "object",
    properties: { x: { type: "number" }, y: { type: "number" } },
    required: ["x", "y"],
  });
  const point = { x: 1, y: 2 };
  expect(validator.validate(point)).toBe(point);
  let thrown: unknown;
  try {
    validator.validate({ x: "1" });
  } catch (error) {
    thrown = error;
  }
  if (!isAmphisError(thrown, "VALIDATION_FAILED")) throw new Error("Expected VALIDATION_FAILED");
  expect(thrown.message).toBe(
    'Cannot accept value of point: $.x: expected number, received "1" (and 1 more)',
  );
  expect(thrown.schema).toBe("point");
  expect(thrown.failures.map(({ path }) => path)).toEqual(["$.x", "$.y"]);
});

test.each([
  ["generated code", compileSchema],
  ["walking the schema", interpretSchema],
] as const)(
  "a value without an end is refused by %s, in time that grows with its depth only",
  (_, compile) => {
    const endless: { next?: unknown } = {};
    endless.next = endless;
    const validator = compile(TREE);
    for (const act of [
      () => validator.check(endless),
      () => validator.failures(endless),
      () => validator.validate(endless),
    ]) {
      expect(act).toThrow(
        expect.objectContaining({ code: "DEPTH_EXCEEDED", context: { limit: 128 } }),
      );
    }
  },
);

test.each([
  ["generated code", compileSchema],
  ["walking the schema", interpretSchema],
] as const)("a failure deep in a recursive union is found by %s", (_, compile) => {
  let value: unknown = { next: 5 };
  for (let level = 0; level < 60; level += 1) value = { next: value };
  const validator = compile(TREE);
  expect(validator.check(value)).toBe(false);
  expect(validator.failures(value)).toHaveLength(1);
});

test("nothing in a schema becomes code", () => {
  const hostile = '"];globalThis.injected=true;//';
  const validator = compileSchema({
    type: "object",
    properties: { [hostile]: { enum: [hostile] } },
    required: [hostile],
    patternProperties: { "^a/": { const: hostile } },
  });
  expect(validator.check({ [hostile]: hostile })).toBe(true);
  expect(validator.check({ [hostile]: 1 })).toBe(false);
  expect("injected" in globalThis).toBe(false);
});

test("what the builders make is plain JSON Schema", () => {
  const schema = t.object({
    id: t.u32({ minimum: 1 }),
    data: t.nullable(t.bytes()),
    next: t.optional(t.ref<unknown>("a/b")),
  });
  expect(JSON.parse(JSON.stringify(t.define({ "a/b": t.string() }, schema)))).toEqual({
    $defs: { "a/b": { type: "string" } },
    type: "object",
    properties: {
      id: { "x-amphis": "u32", minimum: 1 },
      data: { anyOf: [{ "x-amphis": "bytes" }, { type: "null" }] },
      next: { $ref: "#/$defs/a~1b" },
    },
    required: ["id", "data"],
  });
});
