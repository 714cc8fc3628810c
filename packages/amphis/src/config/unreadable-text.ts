/** A text that is not written in the language that its file is named after. */
export class UnreadableText extends Error {
  override readonly name = "UnreadableText";
  /** Offset in the text; absent where it cannot be told. */
  readonly offset: number | undefined;
  readonly expected: string;
  readonly found: string;

  constructor(expected: string, found: string, offset?: number, options?: ErrorOptions) {
    super(`expected ${expected}; found ${found}`, options);
    this.expected = expected;
    this.found = found;
    this.offset = offset;
  }
}
