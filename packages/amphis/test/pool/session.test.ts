import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

test("calls of a session are made by one worker, which keeps their state", async () => {
  const pool = await opened({ workers: 3, minWorkers: 3 });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  const session = pool.openSession();
  const pids = await Promise.all(
    Array.from({ length: 12 }, () => call(pool, "pid", [], { session })),
  );
  expect(new Set(pids).size).toBe(1);
  await call(pool, "put", ["x", 1], { session });
  expect(await call(pool, "get", ["x"], { session })).toBe(1);
  expect(pool.status().sessions).toMatchObject([{ state: "open", calls: 0 }]);
});

test("sessions spread over the workers", async () => {
  const pool = await opened({ workers: 2, minWorkers: 2 });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  const sessions = Array.from({ length: 4 }, () => pool.openSession());
  for (const session of sessions) await call(pool, "pid", [], { session });
  expect(pool.status().workers.map(({ sessions }) => sessions)).toEqual([2, 2]);
});

test("a session is over when its worker dies, and says how", async () => {
  const pool = await opened({ workers: 2 });
  const session = pool.openSession({ name: "mine" });
  expect(await rejection(call(pool, "segfault", [], { session }))).toMatchObject({
    code: "WORKER_CRASHED",
  });
  expect(await rejection(call(pool, "echo", [1], { session }))).toMatchObject({
    code: "SESSION_CLOSED",
    session: "mine",
    reason: "its worker died of SIGSEGV (segfault)",
  });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a session that is a hint goes on with another worker", async () => {
  const pool = await opened();
  const session = pool.openSession({ affinity: "hint" });
  const before = await call(pool, "pid", [], { session });
  await rejection(call(pool, "segfault", [], { session }));
  expect(await call(pool, "pid", [], { session })).not.toBe(before);
});

test("a session that is to fail does so while its worker is busy, and one that queues waits", async () => {
  const go = join(folder(), "go");
  const pool = await opened();
  const failing = pool.openSession({ affinity: "fail" });
  const queueing = pool.openSession();
  await call(pool, "echo", [1], { session: failing });
  await call(pool, "echo", [1], { session: queueing });
  const long = call(pool, "wait_for", [go]);
  expect(await rejection(call(pool, "pid", [], { session: failing }))).toMatchObject({
    code: "SESSION_BUSY",
  });
  const waiting = call(pool, "echo", [2], { session: queueing });
  writeFileSync(go, "");
  expect(await waiting).toBe(2);
  await long;
});

test("a session that closes waits for its calls, cleans up on its worker, and refuses more", async () => {
  const dir = folder();
  const mark = join(dir, "cleaned");
  const pool = await opened({ workers: 2 });
  const cleanUp = [
    { kind: "call", name: "clean", function: "work:append", args: [mark, "x"] },
  ] as const;
  const session = pool.openSession({ cleanUp });
  const long = call(pool, "wait_for", [join(dir, "go")], { session });
  const closed = session.close();
  expect(await rejection(call(pool, "echo", [1], { session }))).toMatchObject({
    code: "SESSION_CLOSED",
  });
  writeFileSync(join(dir, "go"), "");
  await long;
  await closed;
  expect(existsSync(mark)).toBe(true);
  expect(pool.sessions.size).toBe(0);
});

test.each(["stop", "drain"] as const)(
  "a pool that is to %s cleans up after its sessions",
  async (how) => {
    const dir = folder();
    const pool = await opened({ workers: 2 });
    const cleanUp = ["idle", "busy"].map(
      (name) =>
        [{ kind: "call", name, function: "work:append", args: [join(dir, name), "x"] }] as const,
    );
    const [idle, busy] = cleanUp.map((each) => pool.openSession({ cleanUp: each }));
    await call(pool, "echo", [1], { session: idle });
    const long = call(pool, "wait_for", [join(dir, "go")], { session: busy });
    const ended = pool[how]();
    writeFileSync(join(dir, "go"), "");
    await Promise.all([long, ended]);
    expect(readdirSync(dir).toSorted()).toEqual(["busy", "go", "idle"]);
    expect(idle?.state).toEqual({ kind: "closed", reason: "the pool is closed" });
  },
);

test("a session whose cleaning up takes longer than the grace period does not keep its pool", async () => {
  const dir = folder();
  const pool = await opened();
  const works = [
    ["wait_for", [join(dir, "never")]],
    ["append", [join(dir, "after"), "x"]],
  ] as const;
  const cleanUp = works.map(
    ([name, args]) => ({ kind: "call", name, function: `work:${name}`, args }) as const,
  );
  await call(pool, "echo", [1], { session: pool.openSession({ cleanUp }) });
  await pool.stop(100);
  expect(pool.status()).toMatchObject({ state: "closed", open: 0, workers: [], sessions: [] });
  expect(existsSync(join(dir, "after"))).toBe(false);
});

test("a pool that drains waits for the cleaning up of a session that ended by itself", async () => {
  const dir = folder();
  const pool = await opened();
  const work = { kind: "call", name: "wait", function: "work:mark_and_wait" } as const;
  const marks = [join(dir, "begun"), join(dir, "go")];
  const session = pool.openSession({
    ttlMs: 20,
    cleanUp: [
      { ...work, args: marks },
      { ...work, function: "work:append", args: [join(dir, "done"), "x"] },
    ],
  });
  await call(pool, "echo", [1], { session });
  await until(() => existsSync(join(dir, "begun")));
  const drained = pool.drain();
  writeFileSync(join(dir, "go"), "");
  await drained;
  expect(existsSync(join(dir, "done"))).toBe(true);
});

test("a session ends by itself when it is not used", async () => {
  const pool = await opened();
  const session = pool.openSession({ ttlMs: 50 });
  await call(pool, "echo", [1], { session });
  await until(() => session.state.kind === "closed");
  expect(session.state).toEqual({ kind: "closed", reason: "it was not used" });
});

test("there are no more sessions, and no more calls of one, than there may be", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ maxSessions: 1 });
  const session = pool.openSession({ maxCalls: 1 });
  expect(() => pool.openSession()).toThrow(expect.objectContaining({ code: "SESSION_BUSY" }));
  const long = call(pool, "wait_for", [go], { session });
  expect(await rejection(call(pool, "echo", [1], { session }))).toMatchObject({
    code: "SESSION_BUSY",
  });
  writeFileSync(go, "");
  await long;
  await session.close();
  await pool.openSession().close();
});

test("work on a live object goes to the worker that has it", async () => {
  const pool = await opened({ workers: 3, minWorkers: 3 });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  const things = await Promise.all(Array.from({ length: 6 }, () => call(pool, "thing")));
  for (const thing of things) {
    const worker = (thing as { conversation: { worker: number } }).conversation.worker;
    const { pid } = pool.status().workers.find(({ number }) => number === worker) ?? {};
    expect(await call(pool, "pid_of", [thing])).toBe(pid);
    expect(
      await call(pool, "echo", [Array.from({ length: 40 }, (_, n) => (n === 30 ? thing : n))]),
    ).toHaveLength(40);
  }
});

test("live objects of two workers in one call are refused", async () => {
  const pool = await opened({ workers: 2, minWorkers: 2 });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  const [one, other] = await Promise.all([call(pool, "thing"), call(pool, "thing")]);
  expect(await rejection(call(pool, "echo", [[one, other]]))).toMatchObject({
    code: "HANDLE_ELSEWHERE",
  });
});

test("a live object is gone with its worker", async () => {
  const pool = await opened();
  const thing = await call(pool, "thing");
  await rejection(call(pool, "segfault"));
  expect(await rejection(call(pool, "pid_of", [thing]))).toMatchObject({
    code: "HANDLE_GONE",
    type: "work.Thing",
  });
});

test("a call within a callback is done by the worker that waits, and needs no other", async () => {
  const pool = await opened();
  const pid = await call(pool, "pid");
  const inner = (value: number): Promise<unknown> => call(pool, "echo", [value + 1]);
  expect(await call(pool, "apply", [inner, 1])).toBe(2);
  expect(await call(pool, "apply", [() => call(pool, "pid"), 1])).toBe(pid);
});
