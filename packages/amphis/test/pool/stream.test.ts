import { expect, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { call, opened } from "./opened.ts";

const numbers = (end: number) =>
  ({ kind: "call", name: "count_to", function: "work:count_to", args: [end] }) as const;

test("a stream brings its items in order, and ends", async () => {
  const pool = await opened();
  const items: unknown[] = [];
  for await (const item of pool.stream(numbers(100), {})) items.push(item);
  expect(items).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(pool.status()).toMatchObject({ open: 0, calls: { resolved: 1 } });
});

test("a stream that nobody reads on takes no time of its worker", async () => {
  const pool = await opened();
  const stream = pool.stream(numbers(1_000_000), {});
  expect(await stream.next()).toEqual({ done: false, value: 0 });
  expect(await call(pool, "echo", [1])).toBe(1);
  expect(pool.status().workers[0]?.running).toBe(0);
  for (let n = 1; n < 50; n += 1) expect(await stream.next()).toEqual({ done: false, value: n });
  await stream.return?.();
  await until(() => pool.status().open === 0);
  expect(await call(pool, "echo", [2])).toBe(2);
});

test("a reader that leaves ends the stream in Python", async () => {
  const pool = await opened();
  for await (const item of pool.stream(numbers(1_000_000), {})) if (item === 3) break;
  await until(() => pool.status().open === 0);
  expect(pool.status().workerCounts.killed).toBe(0);
});

test("several items can be asked for at a time", async () => {
  const pool = await opened();
  const stream = pool.stream(numbers(3), {});
  const asked = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
  expect(asked.map(({ value }) => value as unknown)).toEqual([0, 1, 2, undefined]);
});

test("a stream beyond its deadline fails its reader", async () => {
  const pool = await opened();
  const stream = pool.stream(numbers(1_000_000), { timeoutMs: 100 });
  const read = async (): Promise<void> => {
    for await (const _ of stream);
  };
  expect(await rejection(read())).toMatchObject({ code: "CALL_TIMEOUT" });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a call that blocks is answered, and serves other calls meanwhile", async () => {
  const pool = await opened();
  const work = (name: string, args: readonly unknown[]) =>
    ({ kind: "call", name, function: `work:${name}`, args }) as const;
  const other = call(pool, "echo", ["other"]);
  expect(pool.submitSync(work("echo", ["mine"]), {})).toBe("mine");
  expect(await other).toBe("other");
  expect(() => pool.submitSync(work("nap", [60]), { timeoutMs: 50 })).toThrow(
    expect.objectContaining({ code: "CALL_TIMEOUT" }),
  );
  // What breaks the call off leaves with the end of this turn.
  await until(() => pool.status().workers[0]?.running === 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(pool.submitSync(work("echo", ["again"]), {})).toBe("again");
  expect(pool.status().workerCounts.killed).toBe(0);
});

test("a call that blocked and ignores its deadline is ended with its worker", async () => {
  const pool = await opened({ graceMs: 50 });
  const work = { kind: "call", name: "hold", function: "work:hold", args: [60] } as const;
  expect(() => pool.submitSync(work, { timeoutMs: 50 })).toThrow(
    expect.objectContaining({ code: "CALL_TIMEOUT" }),
  );
  await until(() => pool.status().workerCounts.killed === 1);
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a call that blocked on a worker that died fails as a crash, and the next one is answered", async () => {
  const pool = await opened();
  const work = { kind: "call", name: "leave", function: "work:leave", args: [3] } as const;
  expect(() => pool.submitSync(work, {})).toThrow(
    expect.objectContaining({ code: "WORKER_CRASHED", call: "leave" }),
  );
  expect(await call(pool, "echo", [1])).toBe(1);
  expect(pool.status().crashes).toMatchObject([{ kind: "exit" }]);
});

test("no call can block before a worker is ready", async () => {
  const pool = await opened({ minWorkers: 0 });
  const work = { kind: "call", name: "pid", function: "work:pid" } as const;
  expect(() => pool.submitSync(work, {})).toThrow(
    expect.objectContaining({ code: "SYNC_IMPOSSIBLE" }),
  );
});
