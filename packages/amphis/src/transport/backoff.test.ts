import { describe, expect, it } from "vitest";

import { exponentialBackoff } from "./backoff.ts";

describe("exponential back-off", () => {
  it("grows by the factor up to the longest wait", () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 1_000, factor: 3 }, () => 0.5);
    expect([0, 1, 2, 3, 4, 5].map(backoff)).toEqual([50, 50, 150, 450, 500, 500]);
  });

  it("takes any wait from nothing to the longest", () => {
    expect(exponentialBackoff({ initialMs: 100 }, () => 0)(3)).toBe(0);
    expect(exponentialBackoff({ initialMs: 100 }, () => 0.999)(3)).toBeCloseTo(399.6);
  });

  it("stays a number after any number of failures", () => {
    const random = (): number => 0.5;
    expect(exponentialBackoff({ factor: 10 }, random)(1e9)).toBe(5_000);
    expect(exponentialBackoff({ initialMs: 0, factor: 10 }, random)(1e9)).toBe(0);
  });

  it.each([
    { initialMs: -1 },
    { initialMs: Number.NaN },
    { initialMs: 200, maxMs: 100 },
    { factor: 0.5 },
    { maxMs: 2 ** 31 },
  ])("refuses %o", (options) => {
    expect(() => exponentialBackoff(options)).toThrow(RangeError);
  });
});
