import { crc32 } from "node:zlib";

// Little-endian.   0  u32  operation      4  u32  bytes in all      8  u32  CRC-32 of what follows
const HEAD_BYTES = 12;

/** A pattern has at least so many bytes. */
export const LEAST_BYTES: number = HEAD_BYTES;

/** Fills memory with bytes that name an operation (pattern.py). */
export function write(memory: Uint8Array, operation: number): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const body = memory.subarray(HEAD_BYTES);
  const block = Buffer.from(new Uint32Array([operation, ~operation]).buffer);
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).fill(block);
  view.setUint32(0, operation, true);
  view.setUint32(4, memory.length, true);
  view.setUint32(8, crc32(body), true);
}

export function filled(operation: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  write(bytes, operation);
  return bytes;
}

/** What is wrong with memory that an operation has written; undefined: nothing. */
export function tear(memory: Uint8Array, operation: number, length: number): string | undefined {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const found = [view.getUint32(0, true), view.getUint32(4, true), memory.length];
  if (found.join() !== [operation, length, length].join()) {
    return `torn: operation, length and bytes are ${found.join()}, not ${operation},${length}`;
  }
  if (view.getUint32(8, true) === crc32(memory.subarray(HEAD_BYTES))) return undefined;
  return `torn: ${length} bytes of operation ${operation} have another checksum`;
}
