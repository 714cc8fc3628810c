import type { ValueMap } from "./value.ts";

/** Stands in a body for bulk data that travels beside it. */
export class Attachment {
  /** Place among the attachments of the frame: 0 to 65,535. */
  readonly index: number;
  /** How to read the data: `bytes`, `tensor`, `arrow`, or an application's own word. */
  readonly format: string;
  /** What the format needs to know: dtype, shape, schema. */
  readonly meta: ValueMap;

  /** @throws {RangeError} when the index is not an integer from 0 to 65,535; {TypeError} when the format is no text */
  constructor(index: number, format: string, meta: ValueMap = {}) {
    if (!Attachment.isIndex(index)) {
      throw new RangeError(
        `Cannot make Attachment: index must be an integer from 0 to 65535, got ${index}`,
      );
    }
    if (typeof format !== "string") {
      throw new TypeError(`Cannot make Attachment: format must be a string, got ${typeof format}`);
    }
    this.index = index;
    this.format = format;
    this.meta = meta;
  }

  static isIndex(index: unknown): index is number {
    return typeof index === "number" && Number.isInteger(index) && index >= 0 && index <= 0xffff;
  }
}
