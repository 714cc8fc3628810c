import { describe, expect, test } from "vitest";

import { formatInstant, instant, instantParts, parseInstant, Timestamp } from "./index.ts";

const MIN = -62_167_219_200;
const MAX = 253_402_300_799;

describe("a timestamp", () => {
  test("is a Date that is rounded down to the millisecond", () => {
    const before = new Timestamp(-1, 999_999_999);
    expect([before instanceof Date, before.getTime(), before.toISOString()]).toEqual([
      true,
      -1,
      "1969-12-31T23:59:59.999Z",
    ]);
    expect([before.seconds, before.nanoseconds]).toEqual([-1, 999_999_999]);
  });

  test.each([
    [MIN - 1, 0],
    [MAX + 1, 0],
    [0, -1],
    [0, 1_000_000_000],
    [0.5, 0],
    [0, 0.5],
    [Number.NaN, 0],
  ])("of %d s and %d ns is refused", (seconds, nanoseconds) => {
    expect(() => new Timestamp(seconds, nanoseconds)).toThrow(RangeError);
    expect(instant(seconds, nanoseconds)).toBeUndefined();
  });
});

describe("an instant", () => {
  test("is a plain Date when a Date can hold it", () => {
    expect(instant(1, 5_000_000)).toEqual(new Date(1_005));
    expect(instant(1, 5_000_000)).not.toBeInstanceOf(Timestamp);
    expect(instant(1, 5_000_001)).toBeInstanceOf(Timestamp);
  });

  test("has parts, rounded down, unless its Date is invalid or beyond the years", () => {
    expect(instantParts(new Date(-1))).toEqual({ seconds: -1, nanoseconds: 999_000_000 });
    expect(instantParts(new Date(Number.NaN))).toBeUndefined();
    expect(instantParts(new Date(MAX * 1_000 + 1_000))).toBeUndefined();
    expect(instantParts(new Date(MIN * 1_000 - 1))).toBeUndefined();
  });

  test.each([
    [MIN, 0, "0000-01-01T00:00:00Z"],
    [0, 0, "1970-01-01T00:00:00Z"],
    [-1, 1, "1969-12-31T23:59:59.000000001Z"],
    [1_763_715_022, 120_000_000, "2025-11-21T08:50:22.12Z"],
    [MAX, 999_999_999, "9999-12-31T23:59:59.999999999Z"],
  ])("of %d s and %d ns is %s and back", (seconds, nanoseconds, text) => {
    expect(formatInstant(seconds, nanoseconds)).toBe(text);
    expect(instantParts(parseInstant(text) ?? new Date(Number.NaN))).toMatchObject({
      seconds,
      nanoseconds,
    });
  });

  test.each([
    "2025-11-21T08:50:22",
    "2025-11-21T08:50:22.10Z",
    "2025-11-21T08:50:22.Z",
    "2025-02-29T00:00:00Z",
    "2025-11-21T24:00:00Z",
    "2025-11-21T23:59:60Z",
    "2025-11-21T08:50:22.1234567891Z",
    "2025-11-21t08:50:22z",
    "+002025-11-21T08:50:22Z",
  ])("is not %s", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});
