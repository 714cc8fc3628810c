import { expect, it } from "vitest";

import { systemClock } from "./clock.ts";

it("system clock calls after the delay, and not when it is taken back", async () => {
  const before = systemClock.now();
  const taken: string[] = [];
  systemClock.after(1, () => taken.push("early"), "background")();
  await new Promise<void>((resolve) => {
    systemClock.after(5, resolve, "foreground");
  });
  // A timer of Node counts whole milliseconds and may come up to one early.
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(4);
  expect(taken).toEqual([]);
});

it("system clock keeps the process alive for the foreground only", () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const stopBackground = systemClock.after(60_000, () => undefined, "background");
  expect(timers()).toBe(before);
  const stopForeground = systemClock.after(60_000, () => undefined, "foreground");
  expect(timers()).toBe(before + 1);
  stopForeground();
  stopBackground();
  expect(timers()).toBe(before);
});

it("system clock does not call at once for a delay beyond what a timer holds", async () => {
  let called = false;
  const stop = systemClock.after(
    2 ** 40,
    () => {
      called = true;
    },
    "background",
  );
  await new Promise<void>((resolve) => {
    systemClock.after(3, resolve, "foreground");
  });
  stop();
  expect(called).toBe(false);
});
