import { isDateText } from "./calendar.ts";

/** Midnight at the start of year 0 and the last second of year 9999. */
const MIN_SECONDS = -62_167_219_200;
const MAX_SECONDS = 253_402_300_799;

const TEXT = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?Z$/;

/**
 * An instant to the nanosecond. As a `Date` it is rounded down to the millisecond, so it can be used as one.
 *
 * A decoder returns a plain `Date` when nothing is lost by it.
 */
export class Timestamp extends Date {
  /** Whole seconds since 1970, rounded down. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;

  /** @throws {RangeError} outside the years 0000 to 9999, or when the parts are not integers in range */
  constructor(seconds: number, nanoseconds: number) {
    if (!Timestamp.isValid(seconds, nanoseconds)) {
      throw new RangeError(
        `Cannot make Timestamp: ${seconds} s and ${nanoseconds} ns are not an instant in the years 0000 to 9999`,
      );
    }
    super(seconds * 1_000 + Math.floor(nanoseconds / 1_000_000));
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  static isValid(seconds: number, nanoseconds: number): boolean {
    return (
      Number.isInteger(seconds) &&
      Number.isInteger(nanoseconds) &&
      seconds >= MIN_SECONDS &&
      seconds <= MAX_SECONDS &&
      nanoseconds >= 0 &&
      nanoseconds < 1_000_000_000
    );
  }
}

/** The instant as a `Date`, or as a `Timestamp` where a `Date` would lose something; undefined when it is out of range. */
export function instant(seconds: number, nanoseconds: number): Date | undefined {
  if (!Timestamp.isValid(seconds, nanoseconds)) return undefined;
  return nanoseconds % 1_000_000 === 0
    ? new Date(seconds * 1_000 + nanoseconds / 1_000_000)
    : new Timestamp(seconds, nanoseconds);
}

/** The two parts of an instant; undefined when the date is invalid or out of range. */
export function instantParts(
  date: Date,
): { readonly seconds: number; readonly nanoseconds: number } | undefined {
  if (date instanceof Timestamp) return date;
  const ms = date.getTime();
  const seconds = Math.floor(ms / 1_000);
  const nanoseconds = (ms - seconds * 1_000) * 1_000_000;
  return Timestamp.isValid(seconds, nanoseconds) ? { seconds, nanoseconds } : undefined;
}

/** `2026-11-21T08:50:22.123Z`, with as many digits as there are. */
export function formatInstant(seconds: number, nanoseconds: number): string {
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return nanoseconds === 0
    ? `${whole}Z`
    : `${whole}.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}Z`;
}

/** Undefined when the text is not the canonical form of an instant. */
export function parseInstant(text: string): Date | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, day = "", time = "", fraction = ""] = match;
  if (!isDateText(day, 0) || fraction.endsWith("0")) return undefined;
  return instant(Date.parse(`${day}T${time}Z`) / 1_000, Number(fraction.padEnd(9, "0")));
}
