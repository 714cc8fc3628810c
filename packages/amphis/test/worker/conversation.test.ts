import { decodeCancel, Handle } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import type { CallFigures, LogEntry, Work } from "../../src/worker/index.ts";
import { rejection, until } from "../wait.ts";
import { RawPeer } from "./raw-peer.ts";
import { answerOf, callOf, OVER, sharedWorker, startWorker } from "./started.ts";

const shared = sharedWorker();
const IGNORE = { resolve: () => {}, reject: () => {} };

describe("a conversation", () => {
  test("answers each call once, in order, with many in flight", async () => {
    const { conversation, call } = shared();
    const answers = Array.from({ length: 500 }, (_, at) => call("echo", at));
    expect(conversation.inFlight).toBe(500);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 500 }, (_, at) => at));
    expect(conversation.inFlight).toBe(0);
  });

  test("sends what was started before the hellos when they are over", async () => {
    const peer = await RawPeer.open({}, (conversation) => {
      conversation.start(callOf("echo", ["early"]), IGNORE);
      conversation.start(callOf("echo", [new Float64Array(3)]), IGNORE);
      expect(() => conversation.startSync(callOf("echo"), 10)).toThrow(
        expect.objectContaining({ code: "SYNC_IMPOSSIBLE" }) as Error,
      );
    });
    await until(() => peer.frames.length === 2);
    expect(peer.frames.map(({ callId, attachments }) => [callId, attachments.length])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  test("rejects alone what was started before the hellos and is too large for the worker", async () => {
    const failures: unknown[] = [];
    const sink = { ...IGNORE, reject: (error: unknown) => failures.push(error) };
    const peer = await RawPeer.open({}, (conversation) => {
      conversation.start(callOf("echo", ["x".repeat(2_000_000)]), sink);
      conversation.start(callOf("echo"), IGNORE);
    });
    expect((await peer.heard("call")).callId).toBe(2);
    expect(failures).toMatchObject([{ code: "FRAME_TOO_LARGE", limit: 1_000_000 }]);
    expect(peer.conversation.inFlight).toBe(1);
  });

  test("tells how long a call took when that was asked for", async () => {
    const { conversation } = shared();
    const figures = await new Promise<CallFigures>((resolve, reject) => {
      const tell = (_: unknown, measured?: CallFigures): void => {
        if (measured !== undefined) resolve(measured);
      };
      const sink = { resolve: tell, reject };
      conversation.start({ ...callOf("echo"), timed: true }, sink);
    });
    const { worker, encodeMs, decodeMs, sentBytes, receivedBytes } = figures;
    expect(Object.keys(worker ?? {})).toEqual(["decodeNs", "runNs", "encodeNs"]);
    for (const took of [...Object.values(worker ?? {}), encodeMs, decodeMs]) {
      expect(took).toBeGreaterThanOrEqual(0);
    }
    expect([sentBytes, receivedBytes]).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test("knows the modes of results", async () => {
    const { run } = shared();
    const work = callOf("echo", [[1]]);
    expect(await run({ ...work, result: "handle" })).toMatchObject({ type: "builtins.list" });
    const counter = { ...callOf("counter", [1]), result: "value" as const };
    expect(await rejection(run(counter))).toMatchObject({ code: "VALUE_UNSUPPORTED" });
  });

  test("hears what Python prints and logs", async () => {
    const entries: LogEntry[] = [];
    const { call } = await startWorker({ onLog: (entry) => entries.push(entry) });
    await call("shout", "hello");
    await until(() => entries.length >= 2);
    expect(entries).toMatchObject([
      { message: "hello", stream: "stdout" },
      { message: "logged hello", level: "warning", logger: "app", call: 1 },
    ]);
  });

  test("is answered by the control line while Python computes", async () => {
    const { conversation } = await startWorker();
    let answer: Promise<unknown> | undefined;
    await new Promise((begun) => {
      answer = answerOf(conversation, callOf("spin", [begun]));
    });
    await conversation.ping();
    expect(await conversation.stacks()).toMatch(/work\.py.* in spin/u);
    conversation.cancel(1, "too slow", "REQUEST_TIMEOUT");
    expect(await rejection(answer as Promise<unknown>)).toMatchObject({ code: "REQUEST_TIMEOUT" });
  });

  test("says why a call is cancelled, and nothing for one that is answered", async () => {
    const peer = await RawPeer.open();
    const { conversation } = peer;
    conversation.start(callOf("echo"), IGNORE);
    await peer.heard("call");
    conversation.cancel(1, "why not", "REQUEST_CANCELLED");
    await until(() => peer.controls.length > 0);
    const [cancel] = peer.controls;
    expect(cancel?.callId).toBe(1);
    expect(decodeCancel(cancel?.body ?? new Uint8Array())).toEqual({
      reason: "why not",
      code: "REQUEST_CANCELLED",
    });
    conversation.cancel(99, "nobody", "REQUEST_CANCELLED");
    await conversation.ping();
    expect(peer.controls).toHaveLength(1);
  });

  test("resolves a call that was done before it was cancelled with its whole value", async () => {
    const peer = await RawPeer.open();
    const answer = answerOf(peer.conversation, callOf("counter"));
    await peer.heard("call");
    peer.conversation.cancel(1, "too late", "REQUEST_CANCELLED");
    await peer.say("result", 1, [[new Handle(5, "a.B")]]);
    expect(await answer).toMatchObject([{ id: 5, type: "a.B" }]);
  });

  test("is not harmed by a callback that settles after its end", async () => {
    const { conversation, call, worker } = await startWorker();
    let settle: (value: unknown) => void = () => {};
    const pending = new Promise((resolve) => (settle = resolve));
    await new Promise<void>((called) => {
      const callback = (): Promise<unknown> => {
        called();
        return pending;
      };
      call("apply", callback).catch(() => undefined);
    });
    worker.kill();
    await worker.exited;
    expect(conversation.end(OVER)).toHaveLength(1);
    settle(new Float64Array(10));
    await pending;
    expect(conversation.lentCount).toBe(0);
  });

  test("ends in good order after what it holds", async () => {
    const { conversation, call, worker } = await startWorker();
    const answer = call("echo", 5);
    await conversation.close();
    expect(await answer).toBe(5);
    await worker.exited;
  });
});

describe("what was not answered when a worker ends", () => {
  test("comes in order, and of one thing after the other only the first had started", async () => {
    const { conversation, call, ended } = await startWorker();
    const done = call("echo", 1);
    const sink = { resolve: () => expect.unreachable(), reject: () => expect.unreachable() };
    for (const name of ["die", "echo", "echo"]) conversation.start(callOf(name), sink);
    expect(await done).toBe(1);
    const left = await ended();
    expect(left.map(({ callId, mayHaveStarted }) => [callId, mayHaveStarted])).toEqual([
      [2, true],
      [3, false],
      [4, false],
    ]);
    expect(conversation.inFlight).toBe(0);
  });

  test("includes streams that wait, behind which something may have started", async () => {
    const peer = await RawPeer.open();
    const { conversation } = peer;
    const stream: Work = { ...callOf("count_to"), stream: true };
    for (const work of [
      stream,
      callOf("echo"),
      callOf("echo"),
      { ...callOf("echo"), nested: true },
    ]) {
      conversation.start(work, IGNORE);
    }
    const left = conversation.end(OVER);
    expect(left.map(({ mayHaveStarted }) => mayHaveStarted)).toEqual([true, true, false, true]);
  });

  test("had not started when the hellos were never over", async () => {
    const left: unknown[] = [];
    await RawPeer.open({}, (conversation) => {
      conversation.start(callOf("echo"), IGNORE);
      left.push(...conversation.end(OVER));
    }).catch(() => undefined);
    expect(left).toMatchObject([{ callId: 1, mayHaveStarted: false }]);
  });

  test("is told once, and nothing is taken any more", async () => {
    const peer = await RawPeer.open();
    const { conversation } = peer;
    conversation.start(callOf("echo"), IGNORE);
    expect(conversation.end(OVER)).toHaveLength(1);
    expect(conversation.end(OVER)).toEqual([]);
    expect(() => conversation.start(callOf("echo"), IGNORE)).toThrow(
      expect.objectContaining({ code: "CONNECTION_CLOSED" }) as Error,
    );
    expect(conversation.isEnded).toBe(true);
  });

  test("`ready` and who asked for something are told when the worker ends before", async () => {
    const { conversation, channel, control } = await RawPeer.open({}, false);
    const stacks = rejection(conversation.stacks());
    await channel.close();
    expect(await rejection(conversation.ready)).toMatchObject({ code: "CONNECTION_CLOSED" });
    await control.close();
    conversation.end(OVER);
    expect(await stacks).toBe(OVER);
    expect(await rejection(conversation.stacks())).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await rejection(conversation.ping())).toMatchObject({ code: "CONNECTION_CLOSED" });
  });
});
