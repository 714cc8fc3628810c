import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { isAmphisError, keep, openPython } from "amphis";
import { describe, expect, test } from "vitest";

import { descendants } from "../pool/opened.ts";
import { until } from "../wait.ts";
import { failureOf, MODULES } from "./opened.ts";

describe("pools", () => {
  test("of different profiles live side by side, and live objects stay in theirs", async () => {
    await using py = await openPython({
      path: MODULES,
      workers: 1,
      pools: { io: { profile: "asyncio", workers: 1 }, threads: { profile: "thread", workers: 1 } },
    });
    expect(py.pools).toEqual(["default", "io", "threads"]);
    const pids = await Promise.all(
      py.pools.map((pool) => py.call<number>("os:getpid", [], { pool })),
    );
    expect(new Set(pids).size).toBe(3);
    const basket = await keep(py.import("shop").Basket("Ada").with({ pool: "io" }));
    expect(await basket.owner).toBe("Ada");
    const error = await failureOf(py.call("shop:later", [basket], { pool: "threads" }));
    expect(isAmphisError(error) && error.code).toMatch(/^HANDLE_/);
  });

  test("share nothing with those of another call of openPython", async () => {
    await using one = await openPython({ path: MODULES, workers: 1 });
    await using other = await openPython({ path: MODULES, workers: 1 });
    const math = await one.import("math");
    const error = await failureOf(math.sqrt(other.eval("4")));
    expect(isAmphisError(error, "HANDLE_ELSEWHERE")).toBe(true);
  });
});

describe("opening", () => {
  test("fails without a trace when there is no such interpreter", async () => {
    const error = await failureOf(openPython({ python: "python-that-is-not-there" }));
    if (!isAmphisError(error, "PYTHON_NOT_FOUND")) throw error;
    expect(error.message).toContain("python-that-is-not-there");
  });

  test.each([
    ["there is not", "no_such_module_of_amphis", {}, "No module named 'no_such_module_of_amphis'"],
    ["raises when it is loaded", "broken_module", {}, "half done"],
    [
      "is wanted when the first call starts a worker",
      "broken_module",
      { minWorkers: 0 },
      "half done",
    ],
  ])("fails for a package that %s, and leaves nothing", async (_, name, options, text) => {
    const before = descendants();
    const open = async (): Promise<void> => {
      await using py = await openPython({ path: MODULES, packages: ["math", name], ...options });
      await py.call("math:sqrt", [4]);
    };
    const error = await failureOf(open());
    if (!isAmphisError(error, "PYTHON_IMPORT_FAILED")) throw error;
    expect(error.message).toContain(name);
    expect(error.text).toContain(text);
    expect(error.missing).toBe(name);
    await until(() => descendants().every((pid) => before.includes(pid)));
  });

  test("says how a package that is not there is installed", async () => {
    const error = await failureOf(openPython({ packages: ["no_such_module_of_amphis"] }));
    if (!isAmphisError(error, "PYTHON_IMPORT_FAILED")) throw error;
    expect(error.install).toMatch(/ -m pip install no_such_module_of_amphis$/);
    expect(error.message).toContain(error.install);
  });

  test("works without shared memory", async () => {
    await using py = await openPython({ memory: false, workers: 1 });
    expect(py.memory).toBeUndefined();
    expect(await py.call("builtins:sum", [[1, 2]])).toBe(3);
  });

  test("refuses options that make no sense", async () => {
    expect(await failureOf(openPython({ workers: 0 }))).toBeInstanceOf(RangeError);
    expect(await failureOf(openPython({ worker: 1 } as object))).toBeInstanceOf(TypeError);
  });
});

describe("ending", () => {
  test("by draining waits for what was called", async () => {
    const py = await openPython({ path: MODULES, workers: 1 });
    const calls = [1, 2, 3].map((n) => py.call("shop:later", [n]));
    await py.drain();
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
    expect(isAmphisError(await failureOf(py.call("math:sqrt", [2])), "POOL_CLOSED")).toBe(true);
  });

  test("by closing is done once, and calls fail from then on", async () => {
    const py = await openPython({ workers: 1 });
    await Promise.all([py.close(), py.close(), py[Symbol.asyncDispose]()]);
    expect(py.status().pools["default"]?.state).toBe("closed");
    expect(isAmphisError(await failureOf(py.import("math").pi), "POOL_CLOSED")).toBe(true);
  });
});

test("a program that only waits for Python hears why there is none, and does not end before", async () => {
  const program = fileURLToPath(new URL("../programs/python-opener.mjs", import.meta.url));
  const options = JSON.stringify({ config: false, path: MODULES, packages: ["deadly_module"] });
  const failed = await promisify(execFile)(process.execPath, [program, options]).then(
    () => undefined,
    (error: { code: number; stderr: string }) => error,
  );
  expect(failed?.code).toBe(1);
  expect(failed?.stderr).toContain("WORKER_START_FAILED");
  expect(failed?.stderr).toContain("it ended with exit code 3");
});
