import { Attachment, Ext, Handle, Tuple } from "../value/index.ts";

/** What a decoder asks of keys. */
export const KEY_RULE = "a key or an element of a set must be a scalar or a tuple of scalars";
/** What an encoder asks of a value that is one. */
export const KEY_EXPECTED = "a scalar or a tuple of scalars, as it is a key or in a set";

/** Deeper than any codec goes, so that a tuple which contains itself ends here. */
const MAX_LEVELS = 1_000;

/** Whether a value may be a key of a map or an element of a set: Python must be able to hash it. */
export function isKey(value: unknown, left: number = MAX_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (value instanceof Tuple) return left > 0 && value.every((item) => isKey(item, left - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return false;
  return !(
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Handle ||
    value instanceof Attachment ||
    value instanceof Ext
  );
}

const MAX_ALIKE = 256;

/**
 * Keeps chosen keys from making a `Map` quadratic: V8 hashes a bigint by its lowest 64 bits alone, so keys that differ only above
 * them all share a hash. One guard serves one decoding, and counts each key once.
 */
export class BigIntKeys {
  readonly #byLowBits = new Map<bigint, Set<bigint>>();

  /** False when too many other keys share their lowest 64 bits with this one. */
  accepts(key: bigint): boolean {
    const low = BigInt.asUintN(64, key < 0n ? -key : key);
    const alike = this.#byLowBits.get(low);
    if (alike === undefined) this.#byLowBits.set(low, new Set([key]));
    else if (alike.size < MAX_ALIKE) alike.add(key);
    else return alike.has(key);
    return true;
  }
}

/** Why a key was not accepted. */
export const TOO_ALIKE: string = `more than ${MAX_ALIKE} int keys share their lowest 64 bits`;
