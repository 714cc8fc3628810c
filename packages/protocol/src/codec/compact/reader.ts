import type { AmphisError } from "../../error/index.ts";
import { corrupt } from "../corrupt.ts";
import { BigIntKeys, isKey, KEY_RULE, TOO_ALIKE } from "../key.ts";

/** Settings of a decoder that reach down to single values. */
export interface DecodeSettings {
  readonly maxDepth: number;
  readonly exactFloats: boolean;
  readonly maps: "object" | "map";
}

/** Bytes and how far they have been read. `end` bounds every read and every count. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly settings: DecodeSettings;
  readonly end: number;
  at: number;
  #bigIntKeys: BigIntKeys | undefined;

  constructor(bytes: Uint8Array, at: number, settings: DecodeSettings) {
    this.bytes = bytes;
    this.settings = settings;
    this.end = bytes.length;
    this.at = at;
  }

  /** Moves over `size` bytes and tells where they start. */
  take(size: number): number {
    const start = this.at;
    if (size > this.end - start) throw this.truncated(size);
    this.at = start + size;
    return start;
  }

  /** Refuses what may not be a key of a map or an element of a set; `at` is where it starts. */
  checkKey(key: unknown, at: number): void {
    if (!isKey(key)) throw decodeFailed(at, KEY_RULE);
    if (typeof key === "bigint" && !(this.#bigIntKeys ??= new BigIntKeys()).accepts(key)) {
      throw decodeFailed(at, TOO_ALIKE);
    }
  }

  truncated(size: number): AmphisError<"DECODE_FAILED"> {
    return decodeFailed(this.at, `needs ${size} bytes, ${this.end - this.at} are left`);
  }
}

export function decodeFailed(offset: number, reason: string): AmphisError<"DECODE_FAILED"> {
  return corrupt("compact", offset, reason);
}
