import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { type EventName, type NamedEvent, subscribe } from "../../src/telemetry/index.ts";
import { rejection } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

/** Hears events of these names until the test is over. */
function heard(...names: EventName[]): NamedEvent[] {
  const events: NamedEvent[] = [];
  onTestFinished(subscribe((named) => events.push(named), names));
  return events;
}

test("a call is told from its start to its end, with where its time went", async () => {
  const events = heard("callStart", "callStop", "callError");
  const pool = await opened({ name: "told" });
  await call(pool, "echo", [1]);
  await rejection(call(pool, "work:nothing_of_this_name"));
  expect(events.map(({ name }) => name)).toEqual([
    "callStart",
    "callStop",
    "callStart",
    "callError",
  ]);
  expect(events[1]?.event).toMatchObject({
    call: 1,
    pool: "told",
    name: "echo",
    kind: "call",
    worker: 1,
    attempts: 1,
    times: {
      totalMs: expect.any(Number),
      queueMs: expect.any(Number),
      pythonMs: expect.any(Number),
      transferMs: expect.any(Number),
    },
  });
  expect(events[3]?.event).toMatchObject({ call: 2, code: "PYTHON_ATTRIBUTE_MISSING" });
});

test("calls that are made again are told as moved or retried", async () => {
  const events = heard("callRetry");
  const pool = await opened({ retry: { backoff: { initialMs: 1 } }, shortMs: 10_000 });
  const path = join(folder(), "log");
  await call(pool, "work:leave_if", [path, false]);
  const crash = call(pool, "crash_once", [join(folder(), "mark")], { idempotent: true });
  await crash;
  const end = rejection(call(pool, "work:leave_if", [path, true]));
  const moved = call(pool, "work:leave_if", [path, false]);
  await Promise.all([end, moved]);
  expect(events.map(({ event }) => event)).toMatchObject([
    { name: "crash_once", reason: "retried", attempt: 2, code: "WORKER_CRASHED" },
    { name: "work:leave_if", reason: "moved", delayMs: 0 },
  ]);
});

test("the life of a pool and its workers is told", async () => {
  const events = heard(
    "poolOpen",
    "poolDrain",
    "poolClose",
    "workerStart",
    "workerReady",
    "workerExit",
  );
  const pool = await opened({ name: "lived" });
  await rejection(call(pool, "segfault"));
  await call(pool, "echo", [1]);
  await pool.drain();
  const names = events.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(["poolOpen", "workerStart", "workerReady"]);
  expect(names.slice(-3)).toEqual(["poolDrain", "workerExit", "poolClose"]);
  const exits = events.filter(({ name }) => name === "workerExit").map(({ event }) => event);
  expect(exits).toMatchObject([
    { worker: 1, death: "segfault", isExpected: false, inFlight: 1, signal: "SIGSEGV" },
    { worker: 2, death: "stopped", isExpected: true, inFlight: 0, calls: 1 },
  ]);
  expect(events.at(-1)?.event).toMatchObject({ pool: "lived", reason: "drained", calls: 2 });
});

test("sessions and streams are told", async () => {
  const events = heard("sessionOpen", "sessionClose", "streamItem", "streamStop");
  const pool = await opened();
  const session = pool.openSession({ name: "s" });
  const work = { kind: "call", name: "count", function: "work:count_to", args: [2] } as const;
  for await (const _ of pool.stream(work, { session }));
  await session.close();
  expect(events).toMatchObject([
    { name: "sessionOpen", event: { session: "s", worker: 1 } },
    { name: "streamItem", event: { index: 0 } },
    { name: "streamItem", event: { index: 1 } },
    { name: "streamStop", event: { items: 2, reason: "end" } },
    { name: "sessionClose", event: { session: "s", reason: "closed" } },
  ]);
});
