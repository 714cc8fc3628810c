import { expect, onTestFinished, test } from "vitest";

import {
  type EventName,
  formatTraceparent,
  type NamedEvent,
  newTrace,
  subscribe,
} from "../../src/telemetry/index.ts";
import { rejection, until } from "../wait.ts";
import { call, opened } from "./opened.ts";

const OPERATIONS: readonly EventName[] = [
  "operationStart",
  "operationProgress",
  "operationStop",
  "operationError",
];

/** Hears of operations until the test is over. */
function heard(): { readonly events: NamedEvent[]; readonly leave: () => void } {
  const events: NamedEvent[] = [];
  const leave = subscribe((named) => events.push(named), OPERATIONS);
  onTestFinished(leave);
  return { events, leave };
}

const names = (events: readonly NamedEvent[]): readonly string[] => events.map(({ name }) => name);

test("an operation in Python is told from its start to its end, with its figures", async () => {
  const { events } = heard();
  const pool = await opened({ name: "gym" });
  expect(await call(pool, "train", [2])).toBe(2);
  await until(() => events.length === 5);
  const identity = {
    operation: 1,
    name: "train",
    model: "tiny",
    library: "none",
    device: "cpu",
    pool: "gym",
    worker: 1,
  };
  const durationMs = expect.any(Number);
  expect(events).toMatchObject([
    { name: "operationStart", event: identity },
    {
      name: "operationProgress",
      event: { ...identity, durationMs, step: 0, batch: 8, figures: { loss: 1 } },
    },
    { name: "operationProgress", event: { ...identity, step: 1, figures: { loss: 0.5 } } },
    { name: "operationProgress", event: { outputTokens: 7, figures: { accuracy: 0.5 } } },
    {
      name: "operationStop",
      event: {
        ...identity,
        durationMs,
        step: 1,
        batch: 8,
        outputTokens: 7,
        figures: { loss: 0.5, accuracy: 0.5 },
      },
    },
  ]);
});

test("an operation that raises, or whose worker dies, is told as failed", async () => {
  const { events } = heard();
  const pool = await opened();
  await rejection(call(pool, "train", [0, "raise"]));
  await rejection(call(pool, "train", [0, "die"]));
  await until(() => events.length === 6);
  const failed = { durationMs: expect.any(Number), name: "train", model: "tiny" };
  expect(events.filter(({ name }) => name === "operationError")).toMatchObject([
    { event: { ...failed, code: "PYTHON_ERROR", error: "ValueError: no convergence" } },
    {
      event: {
        ...failed,
        code: "WORKER_CRASHED",
        error: expect.stringMatching(/^worker 1 ended with exit code 4/),
      },
    },
  ]);
});

test("an operation belongs to the trace of its call", async () => {
  const { events } = heard();
  const pool = await opened();
  const traceparent = formatTraceparent(newTrace());
  await new Promise((resolve, reject) => {
    const work = { kind: "call", name: "t", function: "work:train", args: [0] } as const;
    pool.submit({ ...work, traceparent }, {}, { resolve, reject });
  });
  await until(() => events.length === 3);
  for (const { event } of events) expect(event).toMatchObject({ traceparent });
});

test.for([
  ["thread", "train_in_thread"],
  ["thread", "train"],
  ["asyncio", "train_async"],
  ["process", "train_in_thread"],
] as const)("workers of the profile %s tell of %s", async ([profile, name]) => {
  const { events } = heard();
  const pool = await opened({ profile });
  expect(await call(pool, name, [1])).toBe(1);
  await until(() => events.length === 4);
  expect(names(events)).toEqual([
    "operationStart",
    "operationProgress",
    "operationProgress",
    "operationStop",
  ]);
});

test("a blocking call is told of too, when it is over", async () => {
  const { events } = heard();
  const pool = await opened();
  const work = { kind: "call", name: "t", function: "work:train", args: [0] } as const;
  expect(pool.submitSync(work, { timeoutMs: 20_000 })).toBe(0);
  await until(() => events.length === 3);
});

test("a worker tells nothing while nobody listens, from the first call on and soon after the last listener left", async () => {
  const pool = await opened();
  await call(pool, "train", [1]);
  expect(await call(pool, "is_heard")).toBe(false);
  const { events, leave } = heard();
  await call(pool, "train", [1]);
  await until(() => events.length === 4);
  leave();
  while ((await call(pool, "is_heard")) === true) await call(pool, "train", [1]);
  expect(events).toHaveLength(4);
});
