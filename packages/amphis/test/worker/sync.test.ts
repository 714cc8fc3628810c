import { describe, expect, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import { RawPeer } from "./raw-peer.ts";
import { answerOf, callOf, type Started, startWorker } from "./started.ts";

const native = await nativeCore();
const LONG_MS = 20_000;

function sync({ conversation }: Started, name: string, ...args: readonly unknown[]): unknown {
  return conversation.startSync(callOf(name, args), LONG_MS);
}

describe.skipIf(native.kind === "unavailable")("a call that blocks", () => {
  test("returns its value, and throws its error with the call site in the stack", async () => {
    const started = await startWorker();
    expect(sync(started, "echo", [1, { a: 2n ** 60n }])).toEqual([1, { a: 2n ** 60n }]);
    function caller(): void {
      sync(started, "fail", "x");
    }
    expect(caller).toThrow(expect.objectContaining({ code: "PYTHON_ERROR", text: "x" }) as Error);
    try {
      caller();
    } catch (error) {
      expect((error as Error).stack).toMatch(/at fail \(.*work\.py[^]*at caller /u);
    }
  });

  test("has callbacks answered meanwhile, and nested calls in them", async () => {
    const started = await startWorker();
    const callback = (x: number): unknown =>
      started.conversation.startSync({ ...callOf("echo", [x + 1]), nested: true }, LONG_MS);
    expect(sync(started, "twice", callback)).toEqual([2, 3]);
  });

  test("has answers to other calls handled meanwhile", async () => {
    const started = await startWorker();
    const order: unknown[] = [];
    const sink = { resolve: (value: unknown) => order.push(value), reject: () => {} };
    started.conversation.start(callOf("echo", ["first"]), sink);
    order.push(sync(started, "echo", "second"));
    expect(order).toEqual(["first", "second"]);
  });

  test("refuses a promise of a callback with a clear error", async () => {
    const started = await startWorker();
    const [, message, code] = sync(started, "caught", async () => 1) as string[];
    expect([message, code]).toEqual([expect.stringContaining("promise"), "SYNC_IMPOSSIBLE"]);
    expect(sync(started, "echo", 1)).toBe(1);
  });

  test("is refused while the worker waits for a promise", async () => {
    const started = await startWorker();
    let resolve: (value: unknown) => void = () => {};
    const called = new Promise<void>((tell) => {
      const callback = (): Promise<unknown> => {
        tell();
        return new Promise((settle) => (resolve = settle));
      };
      void answerOf(started.conversation, callOf("apply", [callback]));
    });
    await called;
    expect(() => sync(started, "echo", 1)).toThrow(
      expect.objectContaining({ code: "SYNC_IMPOSSIBLE" }) as Error,
    );
    resolve(1);
  });

  test("ends at its deadline, and the worker goes on with others", async () => {
    const { conversation, call } = await startWorker();
    // A module that is being imported is not to be broken off.
    await call("echo");
    expect(() => conversation.startSync(callOf("spin"), 50)).toThrow(
      expect.objectContaining({ code: "CALL_TIMEOUT", timeoutMs: 50 }) as Error,
    );
    expect(await call("echo", 1)).toBe(1);
    expect(conversation.inFlight).toBe(0);
  });

  test("ends with its worker, and is not told of again", async () => {
    const started = await startWorker();
    expect(() => sync(started, "die")).toThrow(
      expect.objectContaining({ code: "CONNECTION_CLOSED" }) as Error,
    );
    expect(await started.ended()).toEqual([]);
  });
});

test("a stream does not block", async () => {
  const peer = await RawPeer.open();
  expect(() => peer.conversation.startSync({ ...callOf("count_to"), stream: true }, 10)).toThrow(
    expect.objectContaining({ code: "SYNC_IMPOSSIBLE" }) as Error,
  );
});

test("a call that blocks is refused where the transport cannot, before anything is sent", async () => {
  const peer = await RawPeer.open();
  expect(() => peer.conversation.startSync(callOf("echo"), 10)).toThrow(
    expect.objectContaining({ code: "SYNC_IMPOSSIBLE" }) as Error,
  );
  expect(peer.conversation.inFlight).toBe(0);
});
