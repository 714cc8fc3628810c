/** An application's own MessagePack extension; Amphis passes it through. */
export class Ext {
  readonly code: number;
  readonly data: Uint8Array;

  /** @throws {RangeError} when the code is -1 or not an integer from -128 to 63 */
  constructor(code: number, data: Uint8Array) {
    if (!Ext.isCode(code)) {
      throw new RangeError(
        `Cannot make Ext: code must be an integer from -128 to 63 and not -1, got ${code}`,
      );
    }
    if (!(data instanceof Uint8Array)) {
      throw new TypeError(`Cannot make Ext: data must be bytes, got ${typeof data}`);
    }
    this.code = code;
    this.data = data;
  }

  static isCode(code: unknown): code is number {
    return (
      typeof code === "number" &&
      Number.isInteger(code) &&
      code >= -128 &&
      code <= 63 &&
      code !== -1
    );
  }
}
