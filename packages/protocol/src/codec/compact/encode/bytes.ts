import type { ByteWriter } from "../../bytes/index.ts";
import { unsupported } from "../refuse.ts";
import type { IntegerWriters } from "./integer.ts";

/** The bytes of a value of the kind bytes, without a copy. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw unsupported("bytes", value);
}

export function writeBytes(out: ByteWriter, integers: IntegerWriters, value: unknown): void {
  const bytes = bytesOf(value);
  integers.length(out, bytes.length);
  writeRaw(out, bytes);
}

export function writeRaw(out: ByteWriter, bytes: Uint8Array): void {
  out.ensure(bytes.length);
  out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}

export function writeF32(out: ByteWriter, value: number): void {
  out.ensure(4);
  out.view.setFloat32(out.at, Number.isNaN(value) ? Number.NaN : value, true);
  out.at += 4;
}

/** NaN is one value, whatever bits it came with. */
export function writeF64(out: ByteWriter, value: number): void {
  out.ensure(8);
  out.view.setFloat64(out.at, Number.isNaN(value) ? Number.NaN : value, true);
  out.at += 8;
}
