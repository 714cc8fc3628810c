import { expect, test } from "vitest";

import { failureOf } from "../../python/opened.ts";
import { openWith } from "./opened.ts";

const HOOKS = { before: "calm_hooks:before", after: "calm_hooks:after" } as const;

test("what is done around calls is no way around a policy", async () => {
  const calm = { hooks: HOOKS, batching: { picky: {} } };
  const py = await openWith({ calm }, { isolation: "guarded", policy: {} });
  expect(await py.call("calm:square", [3])).toEqual({ of: "square", result: 16 });
  expect(await Promise.all([py.call("calm:picky", [1]), py.call("calm:picky", [2])])).toHaveLength(
    2,
  );
  const around = "amphis._internal.worker.around";
  const ways = [
    [`${around}:call`, [{ library: "calm" }, "os:system", "system", ["true"], {}]],
    [`${around}:call`, [{ library: "calm", before: "os:system" }, "calm:pid", "pid", [], {}]],
    [`${around}:run_hook`, ["before", "os:system", "calm", ["true"]]],
  ] as const;
  for (const [name, args] of ways) {
    const failure = await failureOf(py.call(name, args));
    expect(failure.message).toMatch(/the policy denies it by the rule processes/u);
  }
  const batches = "amphis._internal.worker.batches";
  for (const [name, ...more] of [["many"], ["at_once", { library: "calm" }, "eval"]] as const) {
    const args = ["builtins:eval", [[["1"], {}]], ...more];
    const denied = await failureOf(py.call(`${batches}:${name}`, args));
    expect(denied).toMatchObject({ code: "POLICY_DENIED" });
  }
});

test("modules of hooks have to be allowed where only some are", async () => {
  const policy = { libraries: { allow: ["calm"] } };
  const refused = await openWith({ calm: { hooks: HOOKS } }, { isolation: "guarded", policy });
  const failure = await failureOf(refused.call("calm:square", [3]));
  expect(failure).toMatchObject({ code: "LIBRARY_HOOK_FAILED", context: { hook: "before" } });
  const wider = { libraries: { allow: ["calm", "calm_hooks"] } };
  const allowed = await openWith(
    { calm: { hooks: HOOKS } },
    { isolation: "guarded", policy: wider },
  );
  expect(await allowed.call("calm:square", [3])).toEqual({ of: "square", result: 16 });
});
