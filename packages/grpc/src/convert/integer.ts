/** Longest int, in bytes. */
const MAX_BYTES = 8_192;

/** Two's complement, big-endian, shortest; undefined when it is longer than the limit. */
export function bytesOfInt(value: bigint): Uint8Array<ArrayBuffer> | undefined {
  const magnitude = value < 0n ? ~value : value;
  const bits = magnitude === 0n ? 0 : bitLength(magnitude);
  const length = Math.floor(bits / 8) + 1;
  if (length > MAX_BYTES) return undefined;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, "0");
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}

function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.slice(0, 1), 16)) - 28);
}

/** Undefined when the bytes are none or longer than the limit. */
export function intOfBytes(bytes: Uint8Array): number | bigint | undefined {
  if (bytes.length === 0 || bytes.length > MAX_BYTES) return undefined;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return narrow(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

/** As a number when nothing is lost by it. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
