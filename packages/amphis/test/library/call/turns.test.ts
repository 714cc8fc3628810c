import { isAmphisError } from "amphis";
import { expect, test } from "vitest";

import { failureOf } from "../../python/opened.ts";
import { openWith } from "./opened.ts";

test("no more calls than concurrency says are made at a time", async () => {
  const py = await openWith({ calm: { concurrency: 2 } }, { profile: "thread", threads: 8 });
  const most = await Promise.all(
    Array.from({ length: 8 }, () => py.call<number>("calm:slow", [0.02])),
  );
  expect(Math.max(...most)).toBe(2);
  const streamed: unknown[] = [];
  for await (const item of py.stream("calm:items", [3])) streamed.push(item);
  expect(streamed).toEqual([0, 1, 2]);
  expect(py.libraries()[0]).toMatchObject({ waiting: 0 });
});

test("functions take turns, so that many calls of one do not keep others waiting", async () => {
  const py = await openWith({ calm: { concurrency: 1 } }, { profile: "thread" });
  const order: string[] = [];
  const many = Array.from({ length: 6 }, async () => {
    await py.call("calm:slow", [0.01]);
    order.push("slow");
  });
  const one = py.call("calm:add", [1, 2]).then(() => order.push("add"));
  await Promise.all([...many, one]);
  expect(order.indexOf("add")).toBeLessThan(3);
});

test("a call waits for its turn no longer than it has time, and leaves the line when it is aborted", async () => {
  const rateLimit = { calls: 1, perMs: 3_600_000 };
  const py = await openWith({ calm: { rateLimit } });
  await py.call("calm:add", [1]);
  const late = await failureOf(py.call("calm:add", [1], { timeoutMs: 5 }));
  expect(isAmphisError(late, "LIBRARY_BUSY") && late.library).toBe("calm");
  const controller = new AbortController();
  const waiting = failureOf(py.call("calm:add", [1], { signal: controller.signal }));
  await expect.poll(() => py.libraries()[0]?.waiting).toBe(1);
  controller.abort();
  expect(await waiting).toMatchObject({ code: "CALL_CANCELLED" });
  expect(py.libraries()[0]?.waiting).toBe(0);
  expect(() => py.sync.call("calm:add", [1])).toThrow(/has to wait for its turn/u);
});

test("tokens come back with time", async () => {
  const py = await openWith({ calm: { rateLimit: { calls: 2, perMs: 60 } } });
  const since = performance.now();
  await Promise.all(Array.from({ length: 6 }, () => py.call("calm:add", [1])));
  // Two at once, and four that come back one in 30 ms.
  expect(performance.now() - since).toBeGreaterThan(100);
});

test("calls that are made together travel together, each with its own answer or error", async () => {
  const py = await openWith({
    calm: { batching: { picky: {}, add: { function: "calm:add_many" } } },
  });
  const answers = await Promise.allSettled([1, -1, 2].map((x) => py.call("calm:picky", [x])));
  expect(answers).toMatchObject([
    { value: 1 },
    { reason: { code: "PYTHON_ERROR", context: { type: "ValueError", text: "-1 is below 0" } } },
    { value: 2 },
  ]);
  const sums = await Promise.all([1, 2, 3].map((x) => py.call("calm:add", [x, 10])));
  expect(sums).toEqual([11, 12, 13]);
  expect(await py.call("calm:called", ["add_many"])).toBe(1);
  expect(await py.call("calm:called", ["add"])).toBe(0);
  const [figures] = py.libraries();
  expect(figures?.functions).toMatchObject([
    { name: "picky", calls: 3, errors: 1, batched: 3 },
    { name: "add", calls: 3, batched: 3 },
    { name: "called" },
  ]);
});

test("hooks of Python are run around each call of a batch, and fail their call alone", async () => {
  const hooks = { before: "calm_hooks:before", after: "calm_hooks:after" } as const;
  const batching = { square: {}, add: { function: "calm:add_many" } } as const;
  const py = await openWith({ calm: { hooks, batching } });
  for (const [name, answers] of [
    ["square", [4, 16]],
    ["add", [11, 13]],
  ] as const) {
    const args =
      name === "square"
        ? [[1], ["bad"], [3]]
        : [
            [1, 10],
            ["bad", 10],
            [3, 10],
          ];
    const settled = await Promise.allSettled(args.map((each) => py.call(`calm:${name}`, each)));
    expect(settled).toMatchObject([
      { value: { of: name, result: answers[0] } },
      { reason: { code: "LIBRARY_HOOK_FAILED", context: { hook: "before", function: name } } },
      { value: { of: name, result: answers[1] } },
    ]);
  }
  expect(await py.call("calm:called", ["add_many"])).toBe(1);
  expect(await py.call("calm:called", ["add"])).toBe(0);
  expect(py.libraries()[0]?.functions).toMatchObject([
    { name: "square", calls: 3, errors: 1, batched: 3 },
    { name: "add", calls: 3, errors: 1, batched: 3 },
    { name: "called" },
  ]);
});

test("a hook that refuses a call does not hide that a batch gave too few results", async () => {
  const hooks = { before: "calm_hooks:before" } as const;
  const py = await openWith({
    calm: { hooks, batching: { add: { function: "calm:too_few" } } },
  });
  const failures = ["bad", 1, 2].map((x) => failureOf(py.call("calm:add", [x, 1])));
  for (const failure of await Promise.all(failures)) {
    expect(failure).toMatchObject({ code: "BATCH_RESULT_INVALID", context: { calls: 3 } });
  }
});

test("asynchronous functions are waited for in a batch, with hooks and without", async () => {
  const batching = { later: {} };
  const plain = await openWith({ calm: { batching } });
  const answers = await Promise.all([plain.call("calm:later", [1]), plain.call("calm:later", [2])]);
  expect(answers).toEqual([1, 2]);
  const hooked = await openWith({ calm: { batching, hooks: { after: "calm_hooks:after" } } });
  expect(
    await Promise.all([hooked.call("calm:later", [1]), hooked.call("calm:later", [2])]),
  ).toEqual([1, 2].map((result) => ({ of: "later", result })));
  expect(hooked.libraries()[0]?.functions).toMatchObject([{ name: "later", batched: 2 }]);
});

test("a full batch goes at once, and one that gives too few results fails its calls", async () => {
  const batching = { add: { function: "calm:too_few", maxCalls: 2, waitMs: 3_600_000 } } as const;
  const py = await openWith({ calm: { batching } });
  const [one, two] = await Promise.all([
    failureOf(py.call("calm:add", [1, 2])),
    failureOf(py.call("calm:add", [1, 2])),
  ]);
  expect(one).toMatchObject({ code: "BATCH_RESULT_INVALID", context: { calls: 2 } });
  expect(two).toMatchObject({ code: "BATCH_RESULT_INVALID" });
});

test("a pure function in a batch is asked once for each of its arguments", async () => {
  const py = await openWith({ calm: { pure: { square: true }, batching: { square: {} } } });
  const squares = await Promise.all([1, 2, 1, 2, 3].map((x) => py.call("calm:square", [x])));
  expect(squares).toEqual([1, 4, 1, 4, 9]);
  expect(await py.call("calm:called", ["square"])).toBe(3);
});

test("a call that waits for its turn is rejected when Python is closed", async () => {
  const py = await openWith({ calm: { rateLimit: { calls: 1, perMs: 3_600_000 } } });
  await py.call("calm:add", [1]);
  const waiting = failureOf(py.call("calm:add", [1]));
  await expect.poll(() => py.libraries()[0]?.waiting).toBe(1);
  await py.close();
  expect(await waiting).toMatchObject({ code: "POOL_CLOSED" });
});
