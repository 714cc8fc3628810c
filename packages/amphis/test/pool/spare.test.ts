import { expect, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { call, descendants, opened } from "./opened.ts";

test("a worker that dies is replaced by the one that was there before", async () => {
  const pool = await opened();
  const first = (await call(pool, "pid")) as number;
  await until(() => descendants().length === 5);
  const before = descendants();
  let next: unknown;
  do {
    // Its channel opens a while after its process is there.
    await rejection(call(pool, "segfault"));
    next = await call(pool, "pid");
  } while (!before.includes(next as number));
  expect(next).not.toBe(first);
  // What is left of the dead one may still be looked at.
  await until(() => pool.status().workers.length === 1);
});

test("a pool without a spare has a keeper, a warden and a worker", async () => {
  const pool = await opened({ spare: false });
  await call(pool, "echo", [1]);
  expect(descendants()).toHaveLength(3);
});

test("what workers need for their first array is loaded where they are forked from, after a while", async () => {
  const pool = await opened({ breaker: { crashes: 0 } });
  const isLoaded = (): Promise<unknown> =>
    call(pool, "is_loaded", ["amphis._internal.memory.carrier"]);
  expect(await isLoaded()).toBe(false);
  do {
    await rejection(call(pool, "segfault"));
  } while ((await isLoaded()) === false);
});
