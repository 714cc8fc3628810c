import type { Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { TRANSPORTS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

async function sum(items: AsyncIterable<Value>): Promise<number> {
  let total = 0;
  for await (const item of items) total += item as number;
  return total;
}

describe.each([...WAYS, ...TRANSPORTS])("the input of a request $way", ({ open }) => {
  test("reaches a handler that reads it at once", async () => {
    const { caller, callee } = await open();
    await callee.register("sum", async (_, { input }) => sum(input));
    expect(await caller.request("sum", null, { input: [1, 2, 3] })).toBe(6);
  });

  test("reaches a handler that reads it later, in order and whole", async () => {
    const { caller, callee } = await open();
    await callee.register("last", async (_, { input }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const items: Value[] = [];
      for await (const item of input) items.push(item);
      return items;
    });
    const input = Array.from({ length: 500 }, (_, i) => i);
    expect(await caller.request("last", null, { input })).toEqual(input);
  });

  test("is empty when the caller streams nothing", async () => {
    const { caller, callee } = await open();
    await callee.register("sum", async (_, { input }) => sum(input));
    expect(await caller.request("sum")).toBe(0);
    expect(await caller.request("sum", null, { input: [] })).toBe(0);
  });

  test("can be answered with a stream, item by item", async () => {
    const { caller, callee } = await open();
    await callee.register("double", async function* (_, { input }) {
      for await (const item of input) yield (item as number) * 2;
    } as Parameters<typeof callee.register>[1]);
    const answers: Value[] = [];
    for await (const item of caller.stream("double", null, { input: [1, 2, 3] })) {
      answers.push(item);
    }
    expect(answers).toEqual([2, 4, 6]);
  });

  test("is made no faster than the handler reads it", async () => {
    const { caller, callee } = await open();
    let made = 0;
    const read = gate();
    await callee.register("some", async (_, { input }) => {
      for await (const item of input) if (item === 10) break;
      await read.opened;
      return made;
    });
    const endless = async function* (): AsyncGenerator<number> {
      for (;;) {
        made += 1;
        yield made;
      }
    };
    const request = caller.request("some", null, { input: endless() });
    await until(() => made >= 64);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThanOrEqual(64 + 32 + 1);
    read.open();
    await request;
  });

  test("lets its source clean up when the handler answers before it has read all", async () => {
    const { caller, callee } = await open();
    const cleaned = gate();
    await callee.register("first", async (_, { input }) => {
      for await (const item of input) return item;
      return null;
    });
    const endless = async function* (): AsyncGenerator<number> {
      try {
        for (let i = 1; ; i += 1) yield i;
      } finally {
        cleaned.open();
      }
    };
    expect(await caller.request("first", null, { input: endless() })).toBe(1);
    await cleaned.opened;
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("that breaks off fails the request with its error, and the handler's input too", async () => {
    const { caller, callee } = await open();
    const heard = gate<unknown>();
    await callee.register("sum", async (_, { input }) => {
      heard.open(await rejection(sum(input)));
      return null;
    });
    const reason = new Error("the disk is gone");
    const broken = async function* (): AsyncGenerator<number> {
      yield 1;
      throw reason;
    };
    expect(await rejection(caller.request("sum", null, { input: broken() }))).toBe(reason);
    expect(await heard.opened).toMatchObject({
      code: "REQUEST_CANCELLED",
      context: { target: "sum", reason: "the disk is gone" },
    });
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("may throw while it cleans up without harm", async () => {
    const { caller, callee } = await open();
    await callee.register("ignore", () => "answered");
    const source = {
      [Symbol.iterator]: () => ({
        next: () => ({ value: 1, done: false }),
        return: () => {
          throw new Error("cannot clean up");
        },
      }),
    };
    expect(await caller.request("ignore", null, { input: source })).toBe("answered");
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("that cannot even be started fails the request with its error", async () => {
    const { caller, callee } = await open();
    await callee.register("sum", async (_, { input }) => sum(input));
    const reason = new Error("nothing to read");
    const input = {
      [Symbol.iterator]: (): Iterator<Value> => {
        throw reason;
      },
    };
    expect(await rejection(caller.request("sum", null, { input }))).toBe(reason);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("that is no iterable is refused with a TypeError, and nothing is sent", async () => {
    const { caller, callee } = await open();
    let handled = 0;
    await callee.register("ignore", () => {
      handled += 1;
    });
    const input = 5 as unknown as Iterable<Value>;
    expect(await rejection(caller.request("ignore", null, { input }))).toBeInstanceOf(TypeError);
    await caller.request("ignore");
    expect(handled).toBe(1);
  });
});
