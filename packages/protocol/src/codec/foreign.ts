import type { Attachment, Handle, Value } from "../value/index.ts";

/**
 * Gives what has no form in a codec one that has: a function its number, an array its place beside the body.
 *
 * Handles and attachments are offered too, for whoever translates makes those that may be sent.
 */
export interface Foreign {
  /** Bytes of this length and more are offered too. */
  readonly bulkBytes: number;
  /** What to write in place of something, itself a value; undefined: it is refused. What it throws ends the encoding. */
  translate(thing: unknown): Value | undefined;
}

/** Puts what they stand for in the place of handles and attachments while a value is decoded. */
export interface Adoption {
  /** Whatever it returns stands in the value. What it throws ends the decoding. */
  adopt(named: Handle | Attachment): unknown;
}
