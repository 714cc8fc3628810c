import { join } from "node:path";

import { HEADER_BYTES } from "@amphis/protocol";
import { expect, onTestFinished, test } from "vitest";

import {
  type CallStop,
  type EventName,
  type NamedEvent,
  subscribe,
} from "../../src/telemetry/index.ts";
import { rejection, until } from "../wait.ts";
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
      encodeMs: expect.any(Number),
      transferMs: expect.any(Number),
      pythonDecodeMs: expect.any(Number),
      pythonMs: expect.any(Number),
      pythonEncodeMs: expect.any(Number),
      decodeMs: expect.any(Number),
    },
    bytes: { sharedOut: 0, sharedIn: 0 },
  });
  expect(events[3]?.event).toMatchObject({ call: 2, code: "PYTHON_ATTRIBUTE_MISSING" });
});

test("a call tells how many bytes it moved through the channel, and how many in shared memory", async () => {
  const events = heard("callStop", "callError");
  const pool = await opened();
  const text = "x".repeat(5_000);
  const { length: most } = new Float64Array(1_000_000);
  await call(pool, "echo", [text]);
  await call(pool, "echo", [new Float64Array(most)]);
  await rejection(call(pool, "work:nothing_of_this_name", [text]));
  const work = { kind: "call", name: "s", function: "work:count_to", args: [100] } as const;
  for await (const _ of pool.stream(work, {}));
  const [plain, shared, failed, stream] = events.map(({ event }) => (event as CallStop).bytes);
  for (const moved of [plain?.sent, plain?.received, failed?.sent]) {
    expect(moved).toBeGreaterThan(text.length);
    expect(moved).toBeLessThan(2 * text.length);
  }
  expect(shared).toMatchObject({ sharedOut: 8 * most, sharedIn: 8 * most });
  expect(shared?.sent).toBeLessThan(text.length);
  // Each item is a frame, and no frame is smaller than its header.
  expect(stream?.received).toBeGreaterThan(100 * HEADER_BYTES);
});

test("nothing of a call is measured while nobody listens", async () => {
  const pool = await opened();
  const work = { kind: "call", name: "echo", function: "work:echo", args: [1] } as const;
  const answer = (): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      pool.submit(work, {}, { resolve: (...told) => resolve(told), reject });
    });
  expect(await answer()).toEqual([1, undefined]);
  heard("callStop");
  expect(await answer()).toEqual([1, expect.objectContaining({ encodeMs: expect.any(Number) })]);
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

test("a stream tells for whom it waits", async () => {
  const events = heard("streamStall");
  const pool = await opened();
  const work = { kind: "call", name: "s", function: "work:count_to", args: [100] } as const;
  const stream = pool.stream(work, {});
  await stream.next();
  await until(() => pool.status().workers[0]?.running === 0);
  expect(events).toMatchObject([
    { event: { name: "s", waitsFor: "python", items: 0 } },
    { event: { name: "s", waitsFor: "reader", items: expect.any(Number) } },
  ]);
  await stream.return?.();
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
