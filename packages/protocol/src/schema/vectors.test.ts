import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { json } from "../codec/index.ts";
import { isAmphisError } from "../error/index.ts";
import type { Value } from "../value/index.ts";
import { incompatibilities } from "./compatibility.ts";
import { compileSchema, interpretSchema } from "./validator.ts";

interface ValidationRow {
  readonly name: string;
  readonly schema: object | boolean;
  readonly value: Value;
  readonly failures: readonly {
    readonly path: string;
    readonly expected: string;
    readonly received: string;
  }[];
}

interface MalformedRow {
  readonly name: string;
  readonly schema: object;
  readonly path: string;
}

function vectors<T>(name: string): readonly T[] {
  return JSON.parse(
    readFileSync(new URL(`../../../../spec/vectors/${name}.json`, import.meta.url), "utf8"),
  ) as readonly T[];
}

/** The values of the table are written as the json codec writes them. */
function decoded(value: Value): Value {
  return json().decode(new TextEncoder().encode(JSON.stringify(value)));
}

const rows = vectors<ValidationRow>("validation");

describe.each([
  ["generated code", compileSchema],
  ["walking the schema", interpretSchema],
] as const)("validation by %s", (_, compile) => {
  test.each(rows)("$name", ({ schema, value, failures }) => {
    const validator = compile(schema);
    const received = decoded(value);
    const withMessages = failures.map((one) => ({
      ...one,
      message: `${one.path}: expected ${one.expected}, received ${one.received}`,
    }));
    expect(validator.failures(received)).toEqual(withMessages);
    expect(validator.check(received)).toBe(failures.length === 0);
  });
});

interface CompatibilityRow {
  readonly name: string;
  readonly old: object;
  readonly new: object;
  readonly reasons: readonly string[];
}

test.each(vectors<CompatibilityRow>("compatibility"))("compatibility: $name", (row) => {
  expect(incompatibilities(row.old, row.new)).toEqual(row.reasons);
});

test.each(vectors<MalformedRow>("malformed-schemas"))(
  "schema is refused: $name",
  ({ schema, path }) => {
    let thrown: unknown;
    try {
      compileSchema(schema);
    } catch (error) {
      thrown = error;
    }
    expect(isAmphisError(thrown, "SCHEMA_INVALID") && thrown.path).toBe(path);
  },
);
