const TEXT =
  /^(-?)(?:(?=\d|\.\d)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,18}))?|(Infinity)|(s?NaN)(\d*))$/;
/** Most decimals are written like this, and it is how Python writes them too. */
const PLAIN = /^-?(?:[1-9]\d*(?:\.\d+)?|0(?:\.(?:\d{1,6}|0{0,5}[1-9]\d*))?)$/;
const MAX_LENGTH = 4_096;
const MAX_EXPONENT = 999_999_999_999_999_999n;

/** A decimal number, kept as the text that Python's `decimal` prints for it: `1.50` and `1.5` are two. */
export class Decimal {
  readonly text: string;

  /** @throws {RangeError} when the text is no decimal number, longer than 4,096 characters, or beyond Python's exponents */
  constructor(text: string) {
    const canonical = canonicalText(text);
    if (canonical === undefined) {
      throw new RangeError(
        `Cannot make Decimal: ${JSON.stringify(text.slice(0, 40))} is not a decimal number`,
      );
    }
    this.text = canonical;
  }

  static isText(text: string): boolean {
    return canonicalText(text) !== undefined;
  }

  /** The nearest float. */
  toNumber(): number {
    return this.text.includes("NaN") ? Number.NaN : Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

function canonicalText(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (PLAIN.test(text)) return text;
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0", infinity, nan, payload = ""] =
    match;
  if (infinity !== undefined) return text;
  if (nan !== undefined) return `${sign}${nan}${payload.replace(/^0+/, "")}`;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const number = layOut(digits, BigInt(exponent) - BigInt(fraction.length));
  return number === undefined ? undefined : sign + number;
}

/** Digits and exponent as Python prints them: plain down to six zeros behind the point, scientific beyond. */
function layOut(digits: string, exponent: bigint): string | undefined {
  const left = exponent + BigInt(digits.length);
  if (left - 1n > MAX_EXPONENT || left - 1n < -MAX_EXPONENT) return undefined;
  if (exponent > 0n || left <= -6n) {
    const tail = digits.length === 1 ? "" : `.${digits.slice(1)}`;
    return `${digits.slice(0, 1)}${tail}E${left > 0n ? "+" : ""}${left - 1n}`;
  }
  const point = Number(left);
  if (point >= digits.length) return digits;
  return point > 0
    ? `${digits.slice(0, point)}.${digits.slice(point)}`
    : `0.${"0".repeat(-point)}${digits}`;
}
