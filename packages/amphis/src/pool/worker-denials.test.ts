import { expect, onTestFinished, test } from "vitest";

import { type PolicyDenied, subscribe } from "../telemetry/index.ts";
import { WorkerDenials } from "./worker-denials.ts";

function heard(): PolicyDenied[] {
  const events: PolicyDenied[] = [];
  onTestFinished(subscribe(({ event }) => events.push(event as PolicyDenied), ["policyDenied"]));
  return events;
}

test("what a worker says of its denials is bounded and of the types that are told", () => {
  const events = heard();
  const denials = new WorkerDenials("default", 7);
  denials.tell({ event: "denied", rule: "x".repeat(10_000), audit: 5, target: null, count: -1 });
  denials.tell({ event: "denied", count: Number.NaN, call: "1", rule: { toString: null } });
  denials.tell({ event: "denied", count: 2 ** 60, call: -3 });
  expect(events.map(({ count }) => count)).toEqual([1, 2, 3]);
  expect(events.map(({ call }) => call)).toEqual([undefined, undefined, undefined]);
  expect(events[0]).toMatchObject({ pool: "default", worker: 7, event: "", target: "" });
  expect(events[0]?.rule).toHaveLength(400);
  expect(events[1]?.rule).toBe("");
});

test("a count never goes back", () => {
  const denials = new WorkerDenials("default", 1);
  denials.tell({ event: "denied", count: 1_000 });
  denials.tell({ event: "denied", count: 5 });
  expect(denials.count).toBe(1_000);
});
