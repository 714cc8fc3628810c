import { isAmphisError, type Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { aborted, gate } from "../../test/bus/gate.ts";
import { WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until, withEnoughTime } from "../../test/wait.ts";

const never = (): Promise<Value> => new Promise(() => undefined);

describe.each(WAYS)("a request $way", ({ open }) => {
  test("that is not answered in time fails with REQUEST_TIMEOUT, and its handler's signal aborts", async () => {
    const { caller, callee } = await open();
    const abort = gate<unknown>();
    let started = 0;
    await callee.register("slow", async (_, { signal }) => {
      started += 1;
      abort.open(await aborted(signal));
      return never();
    });
    let asked = 0;
    await withEnoughTime(async (timeoutMs) => {
      asked += 1;
      const error = await rejection(caller.request("slow", null, { timeoutMs }));
      expect(error).toMatchObject({
        code: "REQUEST_TIMEOUT",
        context: { target: "slow", timeoutMs },
      });
      return started > 0 || undefined;
    });
    const reason = await abort.opened;
    expect(["REQUEST_TIMEOUT", "REQUEST_CANCELLED"]).toContain(
      isAmphisError(reason) ? reason.code : reason,
    );
    expect(caller.stats).toMatchObject({ timeouts: asked, pendingCalls: 0 });
  });

  test("ends in its own time, whatever others were made before and behind it", async () => {
    const { caller, callee } = await open();
    await callee.register("never", never);
    await callee.register("echo", (payload) => payload);
    const ended: number[] = [];
    const requests = [60, 20, 40, 20].map(async (timeoutMs) => {
      const error = await rejection(caller.request("never", null, { timeoutMs }));
      ended.push(isAmphisError(error, "REQUEST_TIMEOUT") ? timeoutMs : Number.NaN);
    });
    // One that is answered leaves the others their time.
    await caller.request("echo", null, { timeoutMs: 60_000 });
    await Promise.all(requests);
    expect(ended).toEqual([20, 20, 40, 60]);
    expect(caller.stats).toMatchObject({ timeouts: 4, pendingCalls: 0 });
  });

  test("fails with the reason of its signal, and the handler's signal aborts", async () => {
    const { caller, callee } = await open();
    const abort = gate<unknown>();
    const started = gate();
    await callee.register("slow", async (_, { signal }) => {
      started.open();
      abort.open(await aborted(signal));
      return never();
    });
    const controller = new AbortController();
    const request = rejection(caller.request("slow", null, { signal: controller.signal }));
    await started.opened;
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await request).toBe(reason);
    expect(await abort.opened).toMatchObject({
      code: "REQUEST_CANCELLED",
      context: { target: "slow", reason: "the user left" },
    });
    expect(caller.stats).toMatchObject({ cancelled: 1, pendingCalls: 0 });
  });

  test("whose signal aborts while its handler starts is cancelled there too", async () => {
    const { caller, callee } = await open();
    const controller = new AbortController();
    const abort = gate<unknown>();
    await callee.register("slow", async (_, { signal }) => {
      controller.abort(new Error("at once"));
      abort.open(await aborted(signal));
    });
    const error = await rejection(caller.request("slow", null, { signal: controller.signal }));
    expect(error).toMatchObject({ message: "at once" });
    expect(await abort.opened).toMatchObject({ code: "REQUEST_CANCELLED" });
  });

  test("whose signal has aborted already is not sent", async () => {
    const { caller, callee } = await open();
    let handled = 0;
    await callee.register("count", () => {
      handled += 1;
    });
    const reason = new Error("too late");
    const request = caller.request("count", null, { signal: AbortSignal.abort(reason) });
    expect(await rejection(request)).toBe(reason);
    await caller.request("count");
    expect(handled).toBe(1);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("leaves no listener on its signal", async () => {
    const { caller, callee } = await open();
    await callee.register("echo", (payload) => payload);
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let i = 0; i < 3; i += 1) await caller.request("echo", i, { signal });
    expect(listeners).toBe(0);
  });

  test("refuses a time that is none with a RangeError", async () => {
    const { caller, callee } = await open();
    await callee.register("echo", (payload) => payload);
    for (const timeoutMs of [Number.NaN, -1]) {
      expect(await rejection(caller.request("echo", 1, { timeoutMs }))).toBeInstanceOf(RangeError);
    }
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("that is given up while its answer is on its way has that counted as an orphan", async () => {
    const { caller, callee, hub } = await open();
    if (caller === callee) return;
    const controller = new AbortController();
    await callee.register("echo", () => {
      // Both processes are this one: the caller gives up after the answer is made and before it is read.
      queueMicrotask(() => controller.abort(new Error("too late")));
      return 1;
    });
    const error = await rejection(caller.request("echo", null, { signal: controller.signal }));
    expect(error).toMatchObject({ message: "too late" });
    await caller.request("echo");
    const buses = new Set([caller, hub, callee]);
    const orphans = [...buses].reduce((sum, { stats }) => sum + stats.orphans, 0);
    expect(orphans).toBeGreaterThanOrEqual(1);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("and many others that time out leave no call, no timer and no entry", async () => {
    const { caller, callee } = await open();
    await callee.register("never", never, { concurrency: 1 });
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    for (let round = 0; round < 4; round += 1) {
      const requests = Array.from({ length: 2_500 }, async () =>
        rejection(caller.request("never", null, { timeoutMs: 5 })),
      );
      for (const error of await Promise.all(requests)) {
        if (!isAmphisError(error, "REQUEST_TIMEOUT")) throw error;
      }
    }
    await until(() => callee.stats.pendingCalls === 0);
    expect(caller.stats).toMatchObject({ timeouts: 10_000, pendingCalls: 0 });
    expect(timers()).toBeLessThanOrEqual(before + 1);
  });
});
