/** A file path of the other side; text only, nothing is resolved. */
export class Path {
  readonly text: string;

  /** @throws {RangeError} when the text holds a NUL */
  constructor(text: string) {
    if (!Path.isText(text)) {
      throw new RangeError("Cannot make Path: the text holds a NUL character");
    }
    this.text = text;
  }

  static isText(text: string): boolean {
    return !text.includes("\0");
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}
