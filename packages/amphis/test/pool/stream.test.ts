import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { CallOptions } from "../../src/pool/index.ts";
import type { Work } from "../../src/worker/index.ts";
import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

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

test("a reader that leaves goes on when the generator is closed", async () => {
  const pool = await opened();
  const path = join(folder(), "file");
  const work = { kind: "call", name: "s", function: "work:count_and_tell", args: [path] } as const;
  for await (const item of pool.stream(work, {})) if (item === 3) break;
  expect(readFileSync(path, "utf8")).toBe("closed\n");
  expect(pool.status()).toMatchObject({ open: 0, workerCounts: { killed: 0 } });
});

test("a reader that leaves does not wait for long for a generator that does not close", async () => {
  const pool = await opened({ graceMs: 100_000 });
  const path = join(folder(), "file");
  const work = {
    kind: "call",
    name: "s",
    function: "work:count_stubbornly",
    args: [path],
  } as const;
  for await (const _ of pool.stream(work, {})) break;
  expect(pool.status().open).toBe(1);
  writeFileSync(path, "");
  await until(() => pool.status().open === 0);
});

test("an error of a stream has its reader in the stack, whoever made it", async () => {
  const pool = await opened();
  async function readAll(work: Work, options: CallOptions): Promise<void> {
    for await (const _ of pool.stream(work, options));
  }
  const crash = { kind: "call", name: "c", function: "work:count_and_crash", args: [3] } as const;
  for (const [work, options, code] of [
    [crash, {}, "WORKER_CRASHED"],
    [numbers(10_000_000), { timeoutMs: 500 }, "CALL_TIMEOUT"],
    [{ ...crash, function: "work:count_and_fail" }, {}, "PYTHON_ERROR"],
  ] as const) {
    const error = await rejection(readAll(work, options));
    expect(error).toMatchObject({ code });
    expect((error as Error).stack).toMatch(/at (?:async )?readAll/);
  }
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
  expect(pool.submitSync(work("echo", ["again"]), {})).toBe("again");
  expect(pool.status().workerCounts.killed).toBe(0);
});

test("a call that blocked and ignores its deadline is ended with its worker", async () => {
  const pool = await opened({ graceMs: 50 });
  const work = { kind: "call", name: "hold", function: "work:hold" } as const;
  // The module is there then, so that the time goes into the call.
  await call(pool, "echo", [1]);
  expect(() => pool.submitSync(work, { timeoutMs: 1_000 })).toThrow(
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
