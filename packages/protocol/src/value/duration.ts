const TEXT = /^(-?)(0|[1-9]\d{0,13})(?:\.(\d{1,6}))?$/;
const MAX_SECONDS = 999_999_999 * 86_400;

/** A span of time to the microsecond, of either sign. */
export class Duration {
  /** Whole seconds, rounded down. */
  readonly seconds: number;
  /** What is left: 0 to 999,999. */
  readonly microseconds: number;

  /** @throws {RangeError} when it is longer than 999,999,999 days or the parts are not integers in range */
  constructor(seconds: number, microseconds = 0) {
    if (!Duration.isValid(seconds, microseconds)) {
      throw new RangeError(
        `Cannot make Duration: ${seconds} s and ${microseconds} us are not integers within 999,999,999 days and 0 to 999,999`,
      );
    }
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  static isValid(seconds: number, microseconds: number): boolean {
    return (
      Number.isInteger(seconds) &&
      Number.isInteger(microseconds) &&
      microseconds >= 0 &&
      microseconds < 1_000_000 &&
      seconds >= -MAX_SECONDS &&
      seconds < MAX_SECONDS + 86_400
    );
  }

  static fromMs(ms: number): Duration {
    const total = Math.round(ms * 1_000);
    const seconds = Math.floor(total / 1_000_000);
    return new Duration(seconds, total - seconds * 1_000_000);
  }

  /** Undefined when the text is not `[-]seconds[.fraction]` in canonical form or out of range. */
  static parse(text: string): Duration | undefined {
    const match = TEXT.exec(text);
    if (match === null || text === "-0") return undefined;
    const [, sign, whole = "0", fraction = ""] = match;
    if (fraction.endsWith("0")) return undefined;
    const seconds = Number(whole);
    const microseconds = Number(fraction.padEnd(6, "0"));
    const [s, us] =
      sign === ""
        ? [seconds, microseconds]
        : microseconds === 0
          ? [-seconds, 0]
          : [-seconds - 1, 1_000_000 - microseconds];
    return Duration.isValid(s, us) ? new Duration(s, us) : undefined;
  }

  toMs(): number {
    return this.seconds * 1_000 + this.microseconds / 1_000;
  }

  /** Seconds as a decimal: `-1.5`. */
  toString(): string {
    const negative = this.seconds < 0;
    const borrow = negative && this.microseconds > 0;
    const seconds = negative ? -this.seconds - (borrow ? 1 : 0) : this.seconds;
    const microseconds = borrow ? 1_000_000 - this.microseconds : this.microseconds;
    const fraction =
      microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0").replace(/0+$/, "")}`;
    return `${negative ? "-" : ""}${seconds}${fraction}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
