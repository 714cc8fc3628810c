import { isDateText, isTimeText } from "./calendar.ts";

/** A day without a time or a zone: `2026-11-21`. */
export class LocalDate {
  readonly text: string;

  /** @throws {RangeError} when the text is not `YYYY-MM-DD` or there is no such day */
  constructor(text: string) {
    if (!LocalDate.isText(text)) throw outOfRange("LocalDate", text, "YYYY-MM-DD");
    this.text = text;
  }

  static isText(text: string): boolean {
    return isDateText(text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A time of day without a zone: `08:50:22.000001`. */
export class LocalTime {
  readonly text: string;

  /** @throws {RangeError} when the text is not `HH:MM:SS` with no fraction or six digits of it */
  constructor(text: string) {
    if (!LocalTime.isText(text)) throw outOfRange("LocalTime", text, "HH:MM:SS[.ffffff]");
    this.text = text;
  }

  static isText(text: string): boolean {
    return isTimeText(text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A day and time without a zone: `2026-11-21T08:50:22`. */
export class LocalDateTime {
  readonly text: string;

  /** @throws {RangeError} when the text is not a date and a time joined by `T` */
  constructor(text: string) {
    if (!LocalDateTime.isText(text)) {
      throw outOfRange("LocalDateTime", text, "YYYY-MM-DDTHH:MM:SS[.ffffff]");
    }
    this.text = text;
  }

  static isText(text: string): boolean {
    return text[10] === "T" && isDateText(text.slice(0, 10)) && isTimeText(text.slice(11));
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

function outOfRange(name: string, text: string, form: string): RangeError {
  return new RangeError(
    `Cannot make ${name}: ${JSON.stringify(String(text).slice(0, 40))} is not a valid ${form}`,
  );
}
