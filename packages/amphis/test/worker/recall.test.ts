import { expect, test } from "vitest";

import type { Conversation, Work } from "../../src/worker/index.ts";
import { until } from "../wait.ts";
import { RawPeer } from "./raw-peer.ts";
import { callOf, startWorker } from "./started.ts";

/** Starts work, and remembers in which way it was settled. */
function started(
  conversation: Conversation,
  work: Work,
): { readonly callId: number; readonly outcomes: string[] } {
  const outcomes: string[] = [];
  const callId = conversation.start(work, {
    resolve: () => outcomes.push("resolved"),
    reject: () => outcomes.push("rejected"),
    end: () => outcomes.push("ended"),
    returned: () => outcomes.push("returned"),
  });
  return { callId, outcomes };
}

test("work that has not begun is given back, and what it was lent is let go", async () => {
  const { conversation, call } = await startWorker();
  let answer: (value: unknown) => void = () => undefined;
  let isAsked = false;
  const slow = call("apply", () => {
    isAsked = true;
    return new Promise((settle) => (answer = settle));
  });
  await until(() => isAsked);
  const callback = (): number => 1;
  const works: Work[] = [
    callOf("apply", [callback]),
    callOf("echo", [{ deep: [callback, new Float64Array(20_000)] }]),
    callOf("echo", ["x".repeat(100_000)]),
    { ...callOf("count_to", [3]), stream: true },
    {
      kind: "program",
      name: "program",
      steps: [
        ["name", "work:apply"],
        ["value", callback],
      ],
    },
  ];
  const all = works.map((work) => started(conversation, work));
  conversation.recall(all.map(({ callId }) => callId));
  await until(() => all.every(({ outcomes }) => outcomes.length > 0));
  expect(all.map(({ outcomes }) => outcomes)).toEqual(works.map(() => ["returned"]));
  expect(conversation.inFlight).toBe(1);
  answer("done");
  expect(await slow).toBe("done");
  expect(await call("echo", "next")).toBe("next");
  await until(() => conversation.lentCount === 0);
  expect(all.flatMap(({ outcomes }) => outcomes)).toHaveLength(works.length);
});

test("work that has begun is not given back, and is answered", async () => {
  const { conversation, call } = await startWorker();
  let answer: (value: unknown) => void = () => undefined;
  let isAsked = false;
  const wait = (): unknown => {
    isAsked = true;
    return new Promise((settle) => (answer = settle));
  };
  const slow = started(conversation, callOf("apply", [wait]));
  const next = started(conversation, callOf("echo", [1]));
  await until(() => isAsked);
  conversation.recall([slow.callId, next.callId]);
  await until(() => next.outcomes.length > 0);
  expect(next.outcomes).toEqual(["returned"]);
  expect(slow.outcomes).toEqual([]);
  answer(1);
  await until(() => slow.outcomes.length > 0);
  expect(slow.outcomes).toEqual(["resolved"]);
  expect(await call("echo", 2)).toBe(2);
});

test("work is either given back or done, however the two meet", async () => {
  const { conversation, call } = await startWorker();
  const before = (await call("ticked", 0)) as number;
  let done = 0;
  let returned = 0;
  for (let round = 0; round < 200; round += 1) {
    const all = Array.from({ length: 20 }, () => started(conversation, callOf("ticked", [1])));
    if (round % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
    conversation.recall(all.map(({ callId }) => callId));
    await until(() => all.every(({ outcomes }) => outcomes.length > 0));
    for (const { outcomes } of all) {
      expect(outcomes).toHaveLength(1);
      if (outcomes[0] === "resolved") done += 1;
      else returned += 1;
    }
  }
  expect(await call("ticked", 0)).toBe(before + done);
  expect(done + returned).toBe(4_000);
});

test("a cancel of work that was given back means nothing", async () => {
  const { conversation, call } = await startWorker();
  let answer: (value: unknown) => void = () => undefined;
  let isAsked = false;
  const slow = call("apply", () => {
    isAsked = true;
    return new Promise((settle) => (answer = settle));
  });
  const next = started(conversation, callOf("echo", [1]));
  await until(() => isAsked);
  conversation.recall([next.callId]);
  conversation.cancel(next.callId, "no more", "REQUEST_CANCELLED");
  await until(() => next.outcomes.length > 0);
  await conversation.ping();
  answer(1);
  await slow;
  expect(await call("echo", 2)).toBe(2);
  expect(next.outcomes).toEqual(["returned"]);
});

test.for([
  ["that was not recalled", false, [1]],
  ["that there is none", true, [9]],
] as const)(
  "a worker that gives work back %s loses its connection",
  async ([, isRecalled, calls]) => {
    const peer = await RawPeer.open();
    const { callId, outcomes } = started(peer.conversation, callOf("echo", [1]));
    if (isRecalled) peer.conversation.recall([callId]);
    await peer.tell("event", { event: "recalled", calls: [...calls] });
    await until(() => peer.conversation.failure !== undefined);
    expect(peer.conversation.failure).toMatchObject({
      code: "WORKER_FRAME_REFUSED",
      frame: "event",
    });
    expect(outcomes).toEqual([]);
  },
);
