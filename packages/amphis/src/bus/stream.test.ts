import { AmphisError, type Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { TRANSPORTS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until, withEnoughTime } from "../../test/wait.ts";

async function collected(stream: AsyncIterable<Value>): Promise<Value[]> {
  const items: Value[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

function* count(to: number): Generator<number> {
  for (let i = 0; i < to; i += 1) yield i;
}

function expectTimeout(error: unknown): void {
  expect(error).toMatchObject({ code: "REQUEST_TIMEOUT" });
}

describe.each([...WAYS, ...TRANSPORTS])("a stream $way", ({ open }) => {
  test("brings every item in order", async () => {
    const { caller, callee } = await open();
    await callee.register("count", async function* (to) {
      for (let i = 0; i < (to as number); i += 1) yield i;
    });
    expect(await collected(caller.stream("count", 1_000))).toEqual([...count(1_000)]);
    expect(caller.stats.pendingCalls).toBe(0);
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("may be empty", async () => {
    const { caller, callee } = await open();
    await callee.register("none", async function* () {
      // Nothing to give.
    });
    expect(await collected(caller.stream("none"))).toEqual([]);
  });

  test("may come from a generator without promises", async () => {
    const { caller, callee } = await open();
    await callee.register("count", () => count(3) as unknown as AsyncIterable<Value>);
    expect(await collected(caller.stream("count"))).toEqual([0, 1, 2]);
  });

  test("of an endpoint that answers with one value has that one item", async () => {
    const { caller, callee } = await open();
    await callee.register("one", () => "only");
    expect(await collected(caller.stream("one"))).toEqual(["only"]);
  });

  test("is refused with STREAM_UNEXPECTED to who asks for one value, and its source cleans up", async () => {
    const { caller, callee } = await open();
    const cleaned = gate();
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: 1, done: false }),
        return: async () => {
          cleaned.open();
          return { value: undefined, done: true as const };
        },
      }),
    };
    await callee.register("count", () => source);
    expect(await rejection(caller.request("count"))).toMatchObject({
      code: "STREAM_UNEXPECTED",
      context: { target: "count" },
    });
    await cleaned.opened;
  });

  test("that cannot even be started fails with the error of its source", async () => {
    const { caller, callee } = await open();
    const broken = {
      [Symbol.asyncIterator]: (): AsyncIterator<Value> => {
        throw new RangeError("nothing to read");
      },
    };
    await callee.register("at once", () => broken);
    await callee.register("later", async () => broken);
    for (const target of ["at once", "later"]) {
      const error = await rejection(caller.stream(target).next());
      expect((error as Error).message).toContain("nothing to read");
    }
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("stops its handler when it is read no further than its credit", async () => {
    const { caller, callee } = await open();
    let made = 0;
    let read = 0;
    let furthest = 0;
    await callee.register("endless", async function* () {
      for (;;) {
        made += 1;
        furthest = Math.max(furthest, made - read);
        yield made;
      }
    });
    for await (const item of caller.stream("endless", null, { credit: 8 })) {
      read += 1;
      // Gives the handler every chance to run ahead.
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (item === 50) break;
    }
    // One more is made than may be sent: it waits for credit.
    expect(furthest).toBeLessThanOrEqual(8 + 1);
    expect(made).toBeLessThanOrEqual(50 + 8);
  });

  test("that is left early runs the generator's finally and aborts the handler's signal", async () => {
    const { caller, callee } = await open();
    const cleaned = gate();
    const held = gate<AbortSignal>();
    await callee.register("endless", async function* (_, { signal }) {
      held.open(signal);
      try {
        for (let i = 0; ; i += 1) yield i;
      } finally {
        cleaned.open();
      }
    } as (payload: Value, request: { signal: AbortSignal }) => AsyncIterable<Value>);
    for await (const item of caller.stream("endless")) if (item === 3) break;
    await cleaned.opened;
    const signal = await held.opened;
    await until(() => signal.aborted);
    await until(() => callee.stats.pendingCalls === 0);
    expect(caller.stats).toMatchObject({ pendingCalls: 0, cancelled: 1 });
  });

  test("that breaks off brings what came before, then the error", async () => {
    const { caller, callee } = await open();
    await callee.register("broken", async function* () {
      yield 1;
      yield 2;
      throw new AmphisError("ENDPOINT_BUSY", "Cannot go on", { endpoint: "broken", limit: 2 });
    });
    const items: Value[] = [];
    const reading = (async () => {
      for await (const item of caller.stream("broken")) items.push(item);
    })();
    expect(await rejection(reading)).toMatchObject({ code: "ENDPOINT_BUSY" });
    expect(items).toEqual([1, 2]);
  });

  test("fails with the reason of its signal", async () => {
    const { caller, callee } = await open();
    await callee.register("endless", async function* () {
      for (let i = 0; ; i += 1) yield i;
    });
    const controller = new AbortController();
    const reason = new Error("enough");
    const { signal } = controller;
    const reading = (async () => {
      for await (const item of caller.stream("endless", null, { signal })) {
        if (item === 5) controller.abort(reason);
      }
    })();
    expect(await rejection(reading)).toBe(reason);
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("that takes longer than its time fails with REQUEST_TIMEOUT", async () => {
    const { caller, callee } = await open();
    await callee.register("stuck", async function* () {
      yield 1;
      await new Promise(() => undefined);
    });
    const stream = await withEnoughTime(async (timeoutMs) => {
      const begun = caller.stream("stuck", null, { timeoutMs });
      const first = await begun.next().catch((error: unknown) => void expectTimeout(error));
      return first?.value === 1 ? begun : undefined;
    });
    expectTimeout(await rejection(stream.next()));
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("does not hold up another one", async () => {
    const { caller, callee } = await open();
    await callee.register("count", async function* (to) {
      for (let i = 0; i < (to as number); i += 1) yield i;
    });
    const unread = caller.stream("count", 1_000, { credit: 2 });
    await unread.next();
    expect(await collected(caller.stream("count", 100))).toHaveLength(100);
    expect(await collected(unread)).toHaveLength(999);
  });

  test("is not asked for before it is read, and refuses credit that is none", async () => {
    const { caller } = await open();
    caller.stream("nobody");
    expect(caller.stats.pendingCalls).toBe(0);
    for (const credit of [0, 1.5, 2 ** 31]) {
      expect(() => caller.stream("nobody", null, { credit })).toThrow(RangeError);
    }
    const broken = caller.stream("nobody", null, { timeoutMs: Number.NaN });
    expect(await rejection(broken.next())).toBeInstanceOf(RangeError);
  });
});
