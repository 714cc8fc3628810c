import { inspect } from "node:util";

import { isPython, keep, openPython, type PyObject, release, typeOf } from "amphis";
import { expect, test } from "vitest";

import { failureOf } from "./opened.ts";

test("a module that was waited for is worked with in every worker", async () => {
  await using py = await openPython({ workers: 2, minWorkers: 2 });
  const builtins = await py.import("builtins");
  const slowPid = "(__import__('time').sleep(0.2), __import__('os').getpid())[1]";
  let pids: unknown[];
  do pids = await Promise.all([builtins.eval(slowPid), builtins.eval(slowPid)]);
  while (pids[0] === pids[1]);
  expect(pids).toEqual([expect.any(Number), expect.any(Number)]);
});

test("a module outlives the worker that it came from", async () => {
  await using py = await openPython({ workers: 1, onLog: () => undefined });
  const os = await py.import("os");
  const path = await os.path;
  await failureOf(os.abort());
  expect(await path.basename("/a/b")).toBe("b");
  expect(await os.sep).toBe("/");
});

test("a module goes where the objects are that it is asked about", async () => {
  await using py = await openPython({ workers: 2, minWorkers: 2 });
  const operator = await py.import("operator");
  const lists = await Promise.all([1, 2, 3, 4].map((each) => keep(py.eval("[each]", { each }))));
  const found = await Promise.all(lists.map((list) => operator.getitem(list, 0)));
  expect(found).toEqual([1, 2, 3, 4]);
});

test("a module is a live object: no promise, with a type, and let go of without harm", async () => {
  await using py = await openPython({ workers: 1 });
  const json = await py.import("json");
  expect(json.then).toBeUndefined();
  expect(isPython(json)).toBe(true);
  expect(typeOf(json)).toBe("builtins.module");
  expect(inspect(json)).toBe("PyObject <builtins.module json>");
  release(json);
  release(json);
  expect(await json.dumps([1])).toBe("[1]");
  const error = await failureOf(json.dumps(json));
  expect(error.message).toContain("(step 1: .dumps(json))");
});

test("a module of a session, or one that is kept, is that of one worker", async () => {
  await using py = await openPython({ workers: 2, minWorkers: 2 });
  const kept = await keep(py.import("os"));
  await using session = await py.session();
  const ofSession: PyObject = await session.import("os");
  for (const os of [kept, ofSession]) {
    const pids = await Promise.all(Array.from({ length: 20 }, () => os.getpid()));
    expect(new Set(pids).size).toBe(1);
  }
});
