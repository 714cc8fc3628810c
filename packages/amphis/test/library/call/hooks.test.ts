import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAmphisError } from "amphis";
import { expect, onTestFinished, test } from "vitest";

import { failureOf } from "../../python/opened.ts";
import { openWith } from "./opened.ts";

test("hooks of Python run around the call, on its worker, and setup once on each", async () => {
  const hooks = {
    setup: "calm_hooks:setup",
    before: "calm_hooks:before",
    after: "calm_hooks:after",
  } as const;
  const py = await openWith({ calm: { hooks } });
  expect(await py.call("calm:square", [3])).toEqual({ of: "square", result: 16 });
  expect(await py.import("calm").square(3)).toEqual({ of: "square", result: 16 });
  expect(await py.call("calm:later", [5])).toEqual({ of: "later", result: 5 });
  expect(await py.call("calm:called", ["setup"])).toBe(1);
  expect(py.sync.call("calm:square", [1])).toEqual({ of: "square", result: 4 });
  // A chain of more than one call is none of a function, and reaches a library that is set up all the same.
  expect(await py.eval("__import__('calm').counts['setup']")).toBe(1);
});

test("a hook that fails is named in the error, with what it raised as the cause", async () => {
  const py = await openWith({ calm: { hooks: { before: "calm_hooks:before" } } });
  const failure = await failureOf(py.call("calm:listed", ["bad"]));
  expect(failure).toMatchObject({
    code: "LIBRARY_HOOK_FAILED",
    context: { library: "calm", hook: "before", function: "listed" },
    cause: { code: "PYTHON_ERROR", context: { type: "ValueError", text: "bad argument" } },
  });
  const thrown = await openWith({
    calm: {
      hooks: {
        before: () => {
          throw new RangeError("not today");
        },
      },
    },
  });
  expect(await failureOf(thrown.call("calm:pid"))).toMatchObject({
    code: "LIBRARY_HOOK_FAILED",
    context: { hook: "before", reason: "not today" },
  });
});

test("a worker on which setup fails is replaced, and the call is told why", async () => {
  const py = await openWith({ calm: { hooks: { setup: "calm_hooks:broken_setup" } } });
  const pids = async (): Promise<(number | undefined)[]> =>
    py.status().pools["default"]?.workers.map(({ pid }) => pid) ?? [];
  const [first] = await pids();
  const failure = await failureOf(py.call("calm:pid"));
  expect(failure).toMatchObject({
    code: "LIBRARY_HOOK_FAILED",
    context: { library: "calm", hook: "setup" },
  });
  await expect.poll(pids).not.toContain(first);
});

test("hooks of TypeScript change arguments and results, before results are kept and behind that", async () => {
  const told: string[] = [];
  const py = await openWith({
    calm: {
      pure: { square: true },
      hooks: {
        setup: async ({ call }) => {
          told.push(`setup ${await call("calm:square", [10])}`);
        },
        before: (call) =>
          call.function === "square"
            ? { ...call, args: [Math.abs(Number(call.args[0]))] }
            : undefined,
        after: async (result, { function: name }) =>
          name === "square" ? { result, name } : Promise.resolve(result),
        teardown: () => {
          told.push("teardown");
        },
      },
    },
  });
  expect(
    await Promise.all([py.call("calm:square", [-3]), py.call("calm:called", ["square"])]),
  ).toEqual([{ result: 9, name: "square" }, 2]);
  expect(await py.import("calm").square(3)).toEqual({ result: 9, name: "square" });
  expect(await py.call("calm:called", ["square"])).toBe(2);
  expect(() => py.sync.call("calm:called", ["square"])).toThrow(/has to wait for its hook after/u);
  await py.close();
  expect(told).toEqual(["setup 100", "teardown"]);
});

test("teardown runs on each worker that loaded the library when that ends", async () => {
  const folder = await mkdtemp(join(tmpdir(), "amphis-teardown-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "told");
  const py = await openWith({ calm: { hooks: { teardown: "calm_hooks:teardown" } } });
  await py.call("calm:tell_teardown", [file]);
  await py.close();
  expect(await readFile(file, "utf8")).toBe("torn down\n");
});

test("a worker on which the library is not well is replaced", async () => {
  const hooks = { health: "calm_hooks:is_well", healthEveryMs: 1 } as const;
  const py = await openWith({ calm: { hooks } }, { heartbeatMs: 20 });
  const sick = await py.call<number>("calm:pid");
  await py.call("calm:get_sick");
  await expect
    .poll(() => py.call<number>("calm:pid").catch(() => sick), { timeout: 20_000 })
    .not.toBe(sick);
});

test("unload forgets what was kept, and has the library loaded anew", async () => {
  const py = await openWith({ calm: { pure: { square: true }, alias: "cm" } });
  await py.call("calm:square", [2]);
  const before = await py.call("calm:pid");
  await py.unload("cm");
  expect(await py.call("calm:pid")).not.toBe(before);
  expect(await py.call("calm:called", ["square"])).toBe(0);
  await py.call("calm:square", [2]);
  expect(await py.call("calm:called", ["square"])).toBe(1);
  const failure = await failureOf(py.unload("calmm"));
  expect(isAmphisError(failure, "LIBRARY_NOT_CONFIGURED") && failure.suggestions).toEqual(["calm"]);
});

test("Python is not opened where setup of a library that is loaded first fails, and the error names the hook", async () => {
  const calm = { preload: true, hooks: { setup: "calm_hooks:broken_setup" } } as const;
  expect(await failureOf(openWith({ calm }))).toMatchObject({
    code: "LIBRARY_HOOK_FAILED",
    message:
      "Cannot open Python: hook setup of calm failed: calm_hooks:broken_setup: RuntimeError: no licence",
    context: { library: "calm", hook: "setup" },
    cause: { code: "PYTHON_ERROR", context: { type: "RuntimeError", text: "no licence" } },
  });
});

test("a call waits for a hook of TypeScript no longer than it has time, and not when it is aborted", async () => {
  const never = (): Promise<undefined> => new Promise(() => undefined);
  const py = await openWith({ calm: { hooks: { before: never } } });
  const late = await failureOf(py.call("calm:add", [1], { timeoutMs: 5 }));
  expect(isAmphisError(late, "LIBRARY_HOOK_FAILED") && late.hook).toBe("before");
  const controller = new AbortController();
  const waiting = failureOf(py.call("calm:add", [1], { signal: controller.signal }));
  controller.abort();
  expect(await waiting).toMatchObject({ code: "CALL_CANCELLED" });
});
