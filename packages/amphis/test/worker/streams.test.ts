import { describe, expect, test } from "vitest";

import type { Tensor } from "../../src/memory/index.ts";
import type { Conversation, WorkSink } from "../../src/worker/index.ts";
import { until } from "../wait.ts";
import { callOf, sharedWorker } from "./started.ts";

const shared = sharedWorker();

/** What came of a stream so far. */
class Stream implements WorkSink {
  readonly items: unknown[] = [];
  readonly callId: number;
  outcome: unknown;

  constructor(conversation: Conversation, name: string, ...args: readonly unknown[]) {
    this.callId = conversation.start({ ...callOf(name, args), stream: true }, this);
  }

  resolve(): void {
    this.outcome = "resolved";
  }

  reject(error: unknown): void {
    this.outcome = error;
  }

  item(value: unknown): void {
    this.items.push(value);
  }

  end(): void {
    this.outcome = "ended";
  }
}

describe("a stream", () => {
  test("sends as many items as it has credit for, and other calls are done meanwhile", async () => {
    const { conversation, call } = shared();
    const stream = new Stream(conversation, "count_to", 5);
    expect(await call("echo", 1)).toBe(1);
    expect(stream.items).toEqual([]);
    conversation.credit(stream.callId, 2);
    await until(() => stream.items.length === 2);
    expect(await call("echo", 2)).toBe(2);
    expect(stream.items).toEqual([0, 1]);
    conversation.credit(stream.callId, 10);
    await until(() => stream.outcome !== undefined);
    expect([stream.items, stream.outcome]).toEqual([[0, 1, 2, 3, 4], "ended"]);
    expect(conversation.inFlight).toBe(0);
  });

  test("carries arrays", async () => {
    const { conversation } = shared();
    const stream = new Stream(conversation, "arrays", 3);
    conversation.credit(stream.callId, 10);
    await until(() => stream.outcome === "ended");
    const sums = (stream.items as Tensor[]).map((array) => {
      const first = array.at(0);
      array.release();
      return first;
    });
    expect(sums).toEqual([0, 1, 2]);
  });

  test("that breaks rejects behind its items", async () => {
    const { conversation } = shared();
    const stream = new Stream(conversation, "broken_stream", 2);
    conversation.credit(stream.callId, 10);
    await until(() => stream.outcome !== undefined);
    expect(stream.items).toEqual([0, 1]);
    expect(stream.outcome).toMatchObject({ code: "PYTHON_ERROR", text: "the stream broke" });
  });

  test("that is cancelled gives no more items, and is answered", async () => {
    const { conversation, call } = shared();
    const stream = new Stream(conversation, "count_to", 1_000_000);
    conversation.credit(stream.callId, 1);
    await until(() => stream.items.length === 1);
    conversation.cancel(stream.callId, "enough", "REQUEST_CANCELLED");
    await until(() => stream.outcome !== undefined);
    expect(stream.outcome).toMatchObject({ code: "REQUEST_CANCELLED" });
    expect(stream.items).toEqual([0]);
    expect(await call("echo", 3)).toBe(3);
  });

  test("needs something to iterate over", async () => {
    const { conversation } = shared();
    const stream = new Stream(conversation, "echo", 5);
    conversation.credit(stream.callId, 1);
    await until(() => stream.outcome !== undefined);
    expect(stream.outcome).toMatchObject({ code: "STREAM_UNEXPECTED" });
  });

  test("takes no credit that is none, and ignores what comes after its end", async () => {
    const { conversation } = shared();
    const stream = new Stream(conversation, "count_to", 0);
    expect(() => conversation.credit(stream.callId, 0)).toThrow(RangeError);
    expect(() => conversation.credit(stream.callId, 1.5)).toThrow(RangeError);
    conversation.credit(stream.callId, 1);
    await until(() => stream.outcome === "ended");
    conversation.credit(stream.callId, 1);
    conversation.cancel(stream.callId, "late", "REQUEST_CANCELLED");
  });
});
