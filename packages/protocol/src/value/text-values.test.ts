import { describe, expect, test } from "vitest";

import { Decimal, LocalDate, LocalDateTime, LocalTime, Path, Uuid } from "./index.ts";

const UUID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f";

describe("a value that is text keeps it", () => {
  test.each([
    [LocalDate, "0001-01-01"],
    [LocalDate, "2024-02-29"],
    [LocalDate, "2000-02-29"],
    [LocalTime, "00:00:00"],
    [LocalTime, "23:59:59.000001"],
    [LocalDateTime, "9999-12-31T23:59:59.999999"],
    [Decimal, "1.50"],
    [Decimal, "-0"],
    [Decimal, "-Infinity"],
    [Decimal, "-sNaN12"],
    [Decimal, "1E+999999999999999999"],
    [Uuid, UUID],
    [Path, ""],
    [Path, "C:\\größe"],
  ])("%o %s", (type, text) => {
    const value = new type(text);
    expect([value.text, String(value), JSON.stringify(value)]).toEqual([
      text,
      text,
      JSON.stringify(text),
    ]);
  });

  test("but a uuid is lower case and a decimal as Python prints it", () => {
    expect(new Uuid(UUID.toUpperCase()).text).toBe(UUID);
    const printed = {
      ".5": "0.5",
      "007": "7",
      "1e5": "1E+5",
      "0.0000001": "1E-7",
      "-NaN007": "-NaN7",
      "12e-1": "1.2",
    };
    for (const [text, canonical] of Object.entries(printed)) {
      expect(new Decimal(text).text).toBe(canonical);
    }
  });
});

describe("a text that is no such value is refused", () => {
  test.each([
    [LocalDate, "0000-01-01"],
    [LocalDate, "2023-02-29"],
    [LocalDate, "1900-02-29"],
    [LocalDate, "2023-13-01"],
    [LocalDate, "2023-00-10"],
    [LocalDate, "2023-1-1"],
    [LocalDate, "2023-01-01\n"],
    [LocalTime, "24:00:00"],
    [LocalTime, "12:60:00"],
    [LocalTime, "12:00:60"],
    [LocalTime, "12:00"],
    [LocalTime, "12:00:00.000000"],
    [LocalTime, "12:00:00.5"],
    [LocalDateTime, "2023-01-01 12:00:00"],
    [LocalDateTime, "2023-02-30T12:00:00"],
    [LocalDateTime, "2023-01-01T12:00:00Z"],
    [Decimal, ""],
    [Decimal, "+1"],
    [Decimal, "1."],
    [Decimal, "1e"],
    [Decimal, "inf"],
    [Decimal, "1E+9999999999999999999"],
    [Decimal, "1".repeat(4_097)],
    [Uuid, UUID.replaceAll("-", "")],
    [Uuid, UUID.replace("0", "g")],
    [Uuid, ""],
    [Path, "a\0b"],
  ])("%o %j", (type, text) => {
    expect(type.isText(text)).toBe(false);
    expect(() => new type(text)).toThrow(new RegExp(`^Cannot make ${type.name}: `));
    expect(() => new type(text)).toThrow(RangeError);
  });
});

test("a decimal is near its float", () => {
  expect([
    new Decimal("1.10").toNumber(),
    new Decimal("sNaN3").toNumber(),
    new Decimal("-Infinity").toNumber(),
  ]).toEqual([1.1, Number.NaN, -Infinity]);
});
