import { readUtf8 } from "./text.ts";

const SLOTS = 1_024;
/** Longer texts are rarely the same, and comparing them costs more than decoding them. */
const MAX_BYTES = 32;

interface Slot {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Remembers recent texts, so that one that comes again is compared and not decoded: keys of maps, names of endpoints. Direct-mapped, so that
 * a peer who sends ever new texts costs time, never memory.
 */
export class TextCache {
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(SLOTS).fill(undefined);

  /** The text of `length` bytes at an offset, which must lie inside `bytes`; undefined when they are not UTF-8. */
  read(bytes: Uint8Array, at: number, length: number): string | undefined {
    if (length > MAX_BYTES) return readUtf8(bytes, at, length);
    const index = hash(bytes, at, length);
    const slot = this.#slots[index];
    if (slot !== undefined && isSame(slot.bytes, bytes, at, length)) return slot.text;
    const text = readUtf8(bytes, at, length);
    if (text !== undefined) this.#slots[index] = { bytes: bytes.slice(at, at + length), text };
    return text;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (known[i] !== bytes[at + i]) return false;
  return true;
}

/** Of the length, the first, the middle and the last byte. */
function hash(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  const middle = bytes[at + (length >> 1)] ?? 0;
  const last = bytes[at + length - 1] ?? 0;
  return (first * 31 + middle * 131 + last * 7 + length * 523) & (SLOTS - 1);
}
