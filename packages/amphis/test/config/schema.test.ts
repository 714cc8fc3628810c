import { readFile } from "node:fs/promises";

import { type AmphisConfig, checkConfig } from "amphis/config";
import { Compile } from "typebox/schema";
import { expect, test } from "vitest";

import { configSchema } from "../../src/config/json-schema.ts";

const committed = JSON.parse(
  await readFile(new URL("../../../../spec/config.schema.json", import.meta.url), "utf8"),
) as Record<string, unknown>;

test("the committed schema is the one that the check goes by", () => {
  const bare = JSON.parse(
    JSON.stringify(committed, (key, value: unknown) =>
      key === "description" && typeof value === "string" ? undefined : value,
    ),
  ) as unknown;
  expect(bare).toEqual(JSON.parse(JSON.stringify(configSchema())));
});

test("every option of the schema says what it is for", () => {
  const { $defs } = committed as { $defs: Record<string, { properties: Record<string, object> }> };
  const silent = Object.entries($defs).flatMap(([name, { properties }]) =>
    Object.entries(properties)
      .filter(([, option]) => !("description" in option))
      .map(([option]) => `${name}.${option}`),
  );
  expect(silent).toEqual([]);
});

const SAMPLES: readonly [isRight: boolean, config: unknown][] = [
  [true, {}],
  [true, { $schema: "x", python: "3.12", $production: { python: "/usr/bin/python3" } }],
  [true, { libraries: { numpy: { pure: { "a.*": { ttlMs: 5 }, b: false }, trace: true } } }],
  [true, { libraries: { a: { hooks: { before: "a:b" }, rateLimit: { calls: 1 } } } }],
  [true, { libraries: { a: { serializers: { point: { type: "a:P", toPlain: "a:f" } } } } }],
  [true, { pools: { default: { path: "py", retry: { budget: 0.5 } }, io: { path: ["a", "b"] } } }],
  [true, { policies: { network: ["a.example:443"], approval: { required: "all" } } }],
  [false, { nothing: 1 }],
  [false, { python: "" }],
  [false, { $production: { $test: {} } }],
  [false, { libraries: { "a b": {} } }],
  [false, { libraries: { numpy: { pure: { a: { ttlMs: -1 } } } } }],
  [false, { libraries: { a: { hooks: { before: "a" } } } }],
  [false, { libraries: { a: { rateLimit: { calls: 0 } } } }],
  [false, { pools: { default: { workers: 1.5 } } }],
  [false, { pools: { default: { profile: "fast" } } }],
  [false, { policies: { network: "a.example" } }],
];

test.each(SAMPLES)("schema and check agree: %s for %j", async (isRight, config) => {
  expect(Compile(committed).Check(config)).toBe(isRight);
  expect((await checkConfig({ config: config as AmphisConfig, env: {} })).length === 0).toBe(
    isRight,
  );
});
