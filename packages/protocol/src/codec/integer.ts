import { MAX_INT_BYTES } from "./codec.ts";

/** Two's complement of an int, big-endian, shortest; undefined when it is longer than the limit. */
export function intToBytes(value: bigint): Uint8Array<ArrayBuffer> | undefined {
  const magnitude = value < 0n ? -value - 1n : value;
  const hex = magnitude.toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  // A set top bit means "negative", so a magnitude that has it needs one byte more.
  const extra = Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? 1 : 0;
  const length = digits.length / 2 + extra;
  if (length > MAX_INT_BYTES) return undefined;
  const bytes = new Uint8Array(length);
  const flip = value < 0n ? 0xff : 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const from = (i - extra) * 2;
    bytes[i] = (from < 0 ? 0 : Number.parseInt(digits.slice(from, from + 2), 16)) ^ flip;
  }
  return bytes;
}

/** The int of two's complement bytes, big-endian: a number when it is safe; undefined when there are none or too many. */
export function intFromBytes(bytes: Uint8Array): number | bigint | undefined {
  if (bytes.length === 0 || bytes.length > MAX_INT_BYTES) return undefined;
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  const flip = negative ? 0xff : 0;
  let hex = "0x0";
  for (const byte of bytes) hex += (byte ^ flip).toString(16).padStart(2, "0");
  const magnitude = BigInt(hex);
  return narrow(negative ? -magnitude - 1n : magnitude);
}

/** A bigint as a number when nothing is lost by it. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
