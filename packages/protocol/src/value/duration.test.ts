import { describe, expect, test } from "vitest";

import { Duration } from "./index.ts";

const LONGEST = 86_399_999_999_999;
const MOST_NEGATIVE = -86_399_999_913_600;

describe("a duration", () => {
  test.each([
    [0, 0, "0", 0],
    [-0, 0, "0", 0],
    [1, 500_000, "1.5", 1_500],
    [-1, 500_000, "-0.5", -500],
    [-2, 999_999, "-1.000001", -1_000.001],
    [-1, 0, "-1", -1_000],
    [LONGEST, 999_999, "86399999999999.999999", 86_400_000_000_000_000],
    [MOST_NEGATIVE, 0, "-86399999913600", -86_399_999_913_600_000],
  ])("of %d s and %d us is the text %s and %d ms", (seconds, microseconds, text, ms) => {
    const duration = new Duration(seconds, microseconds);
    expect([String(duration), JSON.stringify(duration), duration.toMs()]).toEqual([
      text,
      `"${text}"`,
      ms,
    ]);
    expect(Duration.parse(text)).toMatchObject({
      seconds: seconds === 0 ? 0 : seconds,
      microseconds,
    });
  });

  test.each([
    "",
    "-0",
    "-0.0",
    "0.0",
    "1.50",
    "01",
    "+1",
    ".5",
    "1.",
    "1.0000001",
    "1e3",
    "86400000000000",
    "-86399999913601",
    "-86399999913600.000001",
  ])("is not the text %j", (text) => {
    expect(Duration.parse(text)).toBeUndefined();
  });

  test.each([
    [LONGEST + 1, 0],
    [MOST_NEGATIVE - 1, 999_999],
    [0, -1],
    [0, 1_000_000],
    [0.5, 0],
    [Number.NaN, 0],
  ])("of %d s and %d us is refused", (seconds, microseconds) => {
    expect(() => new Duration(seconds, microseconds)).toThrow(/^Cannot make Duration: /);
  });

  test("comes from milliseconds to the nearest microsecond", () => {
    expect(Duration.fromMs(-0.0004)).toMatchObject({ microseconds: 0 });
    expect(Duration.fromMs(-1.5)).toMatchObject({ seconds: -1, microseconds: 998_500 });
    expect(() => Duration.fromMs(Number.NaN)).toThrow(RangeError);
  });
});
