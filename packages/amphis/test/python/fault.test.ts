import { isAmphisError } from "amphis";
import { expect, test } from "vitest";

import { openedPython } from "./opened.ts";

const opened = openedPython({ limits: { files: 64 }, breaker: { crashes: 100 } });

/** The next call is done, whatever became of the last. */
async function goesOn(): Promise<void> {
  const numbers = Float64Array.of(1, 2, 3.5);
  expect(await opened.py.call("faults:total", [numbers], { idempotent: true })).toBe(6.5);
}

test("an overflow of the stack of C ends the worker at most, and the call is told", async () => {
  const error: unknown = await opened.py.call("faults:overflow").then(
    () => undefined,
    (reason: unknown) => reason,
  );
  // Newer interpreters notice it before the system does.
  if (isAmphisError(error, "PYTHON_ERROR")) expect(error.type).toBe("RecursionError");
  else expect(error).toMatchObject({ code: "WORKER_CRASHED", death: "segfault" });
  await goesOn();
});

test("recursion without an end is an exception like any other", async () => {
  await expect(opened.py.call("faults:recurse")).rejects.toMatchObject({
    code: "PYTHON_ERROR",
    type: "RecursionError",
  });
  await goesOn();
});

test("a call that uses up all descriptors fails, and they are there again", async () => {
  await expect(opened.py.call("faults:use_up_descriptors")).rejects.toMatchObject({
    code: "PYTHON_ERROR",
    type: "OSError",
  });
  await goesOn();
});

test("a worker without any descriptor left still answers and takes arrays", async () => {
  const large = new Float64Array(200_000);
  // What is loaded when it is first used needs a descriptor to be read.
  expect(await opened.py.call("builtins:len", [large])).toBe(200_000);
  expect(await opened.py.call("faults:keep_all_descriptors")).toBeGreaterThan(10);
  await goesOn();
  expect(await opened.py.call("builtins:len", [large])).toBe(200_000);
});

test("a worker that closes the descriptors of its connections is replaced", async () => {
  const { py } = opened;
  const before = await py.call("os:getpid");
  // The answer itself needs no descriptor, so it may still come.
  const outcome: unknown = await py
    .call("faults:close_everything")
    .catch((error: unknown) => error);
  if (isAmphisError(outcome)) expect(outcome.code).toMatch(/^WORKER_/u);
  else expect(outcome).toBeNull();
  const pids = (): (number | undefined)[] =>
    (py.status().pools["default"]?.workers ?? []).map(({ pid }) => pid);
  await expect.poll(pids, { timeout: 20_000 }).not.toContain(before);
  await goesOn();
});
