import { subscribe, type Events } from "amphis/telemetry";
import { isAmphisError } from "amphis";
import { expect, onTestFinished, test } from "vitest";

import { failureOf } from "../../python/opened.ts";
import { openWith } from "./opened.ts";

test("what is excluded is refused by call, chain, live object, stream and blocking call", async () => {
  const calm = { exclude: ["get_*", "nested.hidden"] };
  const py = await openWith({ calm: { ...calm, alias: "cm" } });
  const live = await py.import("calm");
  const refused = await Promise.all([
    failureOf(py.call("cm:get_sick")),
    failureOf(py.import("cm").get_sick()),
    failureOf(live.get_sick()),
    failureOf(py.import("calm").nested.hidden()),
    failureOf(py.stream("calm:get_sick").next()),
  ]);
  for (const failure of refused) {
    expect(isAmphisError(failure, "LIBRARY_MEMBER_EXCLUDED")).toBe(true);
  }
  expect(() => py.sync.call("calm:get_sick")).toThrow(/excludes it/u);
  expect(await py.call("calm:nested.inner", [1])).toBe(2);
  expect(await py.call("calm:called", ["sick"])).toBe(0);
});

test("only what is included can be used, with what leads to it and what is below it", async () => {
  const py = await openWith({ calm: { include: ["square", "nested.inner"] } });
  expect(await py.call("calm:square", [2])).toBe(4);
  expect(await py.import("calm").nested.inner(1)).toBe(2);
  const failure = await failureOf(py.call("calm:squar", [2]));
  expect(isAmphisError(failure, "LIBRARY_MEMBER_EXCLUDED") && failure.suggestions).toEqual([
    "square",
  ]);
  expect(await failureOf(py.import("calm").nested.hidden())).toMatchObject({
    code: "LIBRARY_MEMBER_EXCLUDED",
    context: { member: "nested.hidden" },
  });
  // Not its own business.
  expect(await py.call("math:sqrt", [9])).toBe(3);
});

test("calls go to the pool of their library, and have its time", async () => {
  const py = await openWith(
    { calm: { pool: "side", timeoutMs: 2_000 } },
    { pools: { side: { workers: 1 } } },
  );
  const side = py.status().pools["side"]?.workers.map(({ pid }) => pid);
  expect(side).toContain(await py.call("calm:pid"));
  expect(side).not.toContain(await py.call("calm:pid", [], { pool: "default" }));
  const failure = await failureOf(py.call("calm:slow", [30]));
  expect(failure).toMatchObject({ code: expect.stringMatching(/TIMEOUT/u) as string });
});

test("calls are traced with arguments and results, and without what is secret", async () => {
  const heard: Events["libraryCall"][] = [];
  const end = subscribe(({ event }) => heard.push(event as Events["libraryCall"]), ["libraryCall"]);
  onTestFinished(end);
  const trace = { functions: ["listed", "fail"], redact: ["*password*"], level: "info" } as const;
  const py = await openWith({ calm: { trace, pure: { listed: true } } });
  await py.call("calm:listed", [{ user: "u", Password1: "p" }, "x".repeat(500)]);
  await py.call("calm:listed", [{ user: "u", Password1: "p" }, "x".repeat(500)]);
  await py.call("calm:square", [1]);
  await failureOf(py.call("calm:fail"));
  expect(heard).toMatchObject([
    {
      library: "calm",
      function: "listed",
      level: "info",
      source: "python",
      arguments: [{ user: "u", Password1: "***" }, `${"x".repeat(200)}…`],
      result: { args: [{ user: "u", Password1: "***" }, `${"x".repeat(200)}…`], count: 1 },
    },
    { function: "listed", source: "cache" },
    { function: "fail", code: "PYTHON_ERROR" },
  ]);
});

test("figures tell what moving values costs, and what would help", async () => {
  const py = await openWith({ calm: {} });
  const numbers = new Float64Array(50_000);
  for (let n = 0; n < 40; n += 1) await py.call("calm:listed", [Array.from(numbers)]);
  const listed = py.libraries()[0]?.functions[0];
  expect(listed?.latency.count).toBe(40);
  expect(listed?.transferShare).toBeGreaterThan(0.5);
  expect(listed?.bytesPerCall).toBeGreaterThan(65_536);
  expect(listed?.suggestions.join()).toMatch(/keep the array in shared memory/u);
});
