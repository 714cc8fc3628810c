/*
 * A codec turns values into bytes and back. All codecs carry the same closed set of values (spec/values.md) with the same results; they
 * differ in size, in speed and in who can read them:
 *
 *   msgpack   the default: self-describing, every language has it
 *   compact   smallest and fastest where both sides know the schema; readable without one too
 *   json      for people and browsers; tags what JSON has no form for
 *
 * Contract: `decode(encode(v))` gives v back. `encode` throws VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE or DEPTH_EXCEEDED and changes
 * nothing; its result belongs to the caller, and may be a view of a larger buffer: `slice()` it before you transfer that buffer to
 * another thread. `decode` reads exactly the bytes given, throws DECODE_FAILED, DEPTH_EXCEEDED or EXTENSION_UNKNOWN on anything else,
 * takes time and memory in proportion to the input, and may return bytes that are views of the input.
 */

import type { Value } from "../value/index.ts";

export type CodecName = "msgpack" | "compact" | "json";

export interface Codec<T = Value> {
  readonly name: CodecName;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export interface CodecOptions {
  /** Most levels of lists, maps, sets and tuples in each other, both ways; 512 at most. @default 128 */
  readonly maxDepth?: number;
  /** Return integral floats as `Float`, so that encoding them again gives the same bytes. @default false */
  readonly exactFloats?: boolean;
  /** Return maps whose keys are all strings as plain objects, or every map as a `Map`. @default "object" */
  readonly maps?: "object" | "map";
}

const DEFAULT_MAX_DEPTH = 128;
/** An attachment takes about a kilobyte of stack for each level, and a stack has about a megabyte. */
const MOST_DEPTH = 512;
/** Longest two's complement of an int, in bytes. */
export const MAX_INT_BYTES = 8_192;

export function resolveCodecOptions(options: CodecOptions = {}): Required<CodecOptions> {
  const { maxDepth = DEFAULT_MAX_DEPTH, exactFloats = false, maps = "object" } = options;
  if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > MOST_DEPTH) {
    throw new RangeError(
      `Cannot make codec: maxDepth must be an integer from 1 to ${MOST_DEPTH}, got ${maxDepth}`,
    );
  }
  if (maps !== "object" && maps !== "map") {
    throw new TypeError(
      `Cannot make codec: maps must be "object" or "map", got ${JSON.stringify(maps)}`,
    );
  }
  return { maxDepth, exactFloats, maps };
}
