import { afterAll, expect, test } from "vitest";

import { Child, Programs } from "./child.ts";
import { describeNative, keeper } from "./core.ts";

describeNative("futex", (core) => {
  const keep = keeper();
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());

  test("a wait ends after its timeout and not before", () => {
    const region = keep(core.createRegion(4096));
    const start = process.hrtime.bigint();
    expect(region.futexWait(0, 0, 20)).toBe("timeout");
    expect(process.hrtime.bigint() - start).toBeGreaterThanOrEqual(20_000_000n);
  });

  test("a word that changed already is not waited for", () => {
    const region = keep(core.createRegion(4096));
    new Uint32Array(region.view(0, 16))[3] = 0xffff_ffff;
    expect(region.futexWait(12, 0, Infinity)).toBe("changed");
    expect(region.futexWait(12, 0xffff_ffff, 0)).toBe("timeout");
  });

  test("a sleeper is woken by another process", async () => {
    const region = keep(core.createRegion(4096));
    const words = new Int32Array(region.view(0, 8));
    const child = keep(new Child(await programs.node("wake"), [region.descriptor]));
    while (Atomics.load(words, 1) === 0) region.futexWait(4, 0, Infinity);
    while (Atomics.load(words, 0) === 0) region.futexWait(0, 0, Infinity);
    Atomics.store(words, 1, 2);
    expect(await child.output()).toBe("done");
  });

  test("waking nobody is nothing", () => {
    expect(keep(core.createRegion(4096)).futexWake(0, 8)).toBe(0);
  });

  test("a word that is not aligned or not inside is refused", () => {
    const region = keep(core.createRegion(4096));
    expect(() => region.futexWait(2, 0, 0)).toThrow(RangeError);
    expect(() => region.futexWake(4096, 1)).toThrow(RangeError);
    expect(() => region.futexWait(0, 0, -1)).toThrow(RangeError);
  });
});
