/** Code of the character for each half byte, and back (BAD: no hexadecimal digit). */
const DIGIT = Uint8Array.from("0123456789abcdef", (c) => c.charCodeAt(0));
const BAD = 0x1000;
const HALF = new Uint16Array(256).fill(BAD);
DIGIT.forEach((character, digit) => (HALF[character] = digit));

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID, kept as its canonical text. */
export class Uuid {
  readonly text: string;

  /** @throws {RangeError} when the text is not 8-4-4-4-12 hexadecimal digits */
  constructor(text: string) {
    const lower = text.toLowerCase();
    if (!Uuid.isText(lower)) {
      throw new RangeError(`Cannot make Uuid: ${JSON.stringify(text.slice(0, 40))} is not a UUID`);
    }
    this.text = lower;
  }

  static isText(text: string): boolean {
    return TEXT.test(text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** Character of the upper half of a byte. */
function high(bytes: Uint8Array, at: number): number {
  return DIGIT[(bytes[at] as number) >> 4] as number;
}

function low(bytes: Uint8Array, at: number): number {
  return DIGIT[(bytes[at] as number) & 15] as number;
}

const DASH = 45;

/** The text of the 16 bytes at an offset. One call with 36 numbers makes a flat string; joined parts make a rope, at twice the cost. */
export function formatUuid(bytes: Uint8Array, at: number): string {
  // oxfmt-ignore
  return String.fromCharCode(
    high(bytes, at), low(bytes, at), high(bytes, at + 1), low(bytes, at + 1), high(bytes, at + 2), low(bytes, at + 2), high(bytes, at + 3), low(bytes, at + 3),
    DASH, high(bytes, at + 4), low(bytes, at + 4), high(bytes, at + 5), low(bytes, at + 5),
    DASH, high(bytes, at + 6), low(bytes, at + 6), high(bytes, at + 7), low(bytes, at + 7),
    DASH, high(bytes, at + 8), low(bytes, at + 8), high(bytes, at + 9), low(bytes, at + 9),
    DASH, high(bytes, at + 10), low(bytes, at + 10), high(bytes, at + 11), low(bytes, at + 11), high(bytes, at + 12), low(bytes, at + 12),
    high(bytes, at + 13), low(bytes, at + 13), high(bytes, at + 14), low(bytes, at + 14), high(bytes, at + 15), low(bytes, at + 15),
  );
}

/** The byte of two characters; {@link BAD} or more when they are no hexadecimal digits. */
function pair(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  return (
    ((HALF[first & 255] as number) << 4) |
    (HALF[second & 255] as number) |
    (((first | second) >> 8) << 16)
  );
}

/** Writes the 16 bytes of a canonical text at an offset; false, with nothing useful written, when the text is no UUID. */
export function writeUuid(text: string, bytes: Uint8Array, at: number): boolean {
  if (text.length !== 36) return false;
  let bad =
    (text.charCodeAt(8) ^ DASH) |
    (text.charCodeAt(13) ^ DASH) |
    (text.charCodeAt(18) ^ DASH) |
    (text.charCodeAt(23) ^ DASH);
  if (bad !== 0) return false;
  // Unrolled: a loop that steps over the dashes costs twice as much.
  bad |= bytes[at] = pair(text, 0);
  bad |= bytes[at + 1] = pair(text, 2);
  bad |= bytes[at + 2] = pair(text, 4);
  bad |= bytes[at + 3] = pair(text, 6);
  bad |= bytes[at + 4] = pair(text, 9);
  bad |= bytes[at + 5] = pair(text, 11);
  bad |= bytes[at + 6] = pair(text, 14);
  bad |= bytes[at + 7] = pair(text, 16);
  bad |= bytes[at + 8] = pair(text, 19);
  bad |= bytes[at + 9] = pair(text, 21);
  bad |= bytes[at + 10] = pair(text, 24);
  bad |= bytes[at + 11] = pair(text, 26);
  bad |= bytes[at + 12] = pair(text, 28);
  bad |= bytes[at + 13] = pair(text, 30);
  bad |= bytes[at + 14] = pair(text, 32);
  bad |= bytes[at + 15] = pair(text, 34);
  return bad < BAD;
}
