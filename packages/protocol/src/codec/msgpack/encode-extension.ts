import {
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  instantParts,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Uuid,
  writeUuid,
} from "../../value/index.ts";
import { type ByteWriter, writeUtf8 } from "../bytes/index.ts";
import { Refusal } from "../refusal.ts";
import { writeFloat, writeFloat64 } from "./encode-float.ts";
import * as f from "./format.ts";

/** Widest head of an extension: marker, u32 length, code. */
const HEAD_MAX = 6;
const TWO_POW_32 = 0x1_0000_0000;
const TIMESTAMP64_SECONDS = 0x4_0000_0000;

/** Writes an object that is neither a container nor bytes. @returns false, with nothing written, when it is no value */
export function writeExtension(out: ByteWriter, value: object): boolean {
  if (value instanceof Float) writeFloat(out, value.value);
  else if (value instanceof Date) writeTimestamp(out, value);
  else if (value instanceof Uuid) writeUuidExtension(out, value);
  else if (value instanceof Decimal) writeText(out, f.EXT_DECIMAL, value.text);
  else if (value instanceof LocalDate) writeText(out, f.EXT_DATE, value.text);
  else if (value instanceof LocalTime) writeText(out, f.EXT_TIME, value.text);
  else if (value instanceof LocalDateTime) writeText(out, f.EXT_DATETIME, value.text);
  else if (value instanceof Path) writeText(out, f.EXT_PATH, value.text);
  else if (value instanceof Duration) writeDuration(out, value);
  else if (value instanceof Complex) writeComplex(out, value);
  else if (value instanceof Handle) writeHandle(out, value);
  else if (value instanceof Ext) writeExtensionBytes(out, value.code, value.data);
  else return false;
  return true;
}

export function writeExtensionBytes(out: ByteWriter, code: number, data: Uint8Array): void {
  out.ensure(data.length + HEAD_MAX);
  writeHead(out, code, data.length);
  out.bytes.set(data, out.at);
  out.at += data.length;
}

function writeText(out: ByteWriter, code: number, text: string): void {
  const start = reserveHead(out);
  if (writeUtf8(out, text) < 0) {
    throw new Refusal(text, "VALUE_UNSUPPORTED", "valid Unicode without lone surrogates");
  }
  closeHead(out, code, start);
}

/** Leaves room for the widest head and returns where it is, relative to the start of the encoding. */
export function reserveHead(out: ByteWriter): number {
  out.ensure(HEAD_MAX);
  const head = out.at - out.start;
  out.at += HEAD_MAX;
  return head;
}

/** Writes the head now that the length is known, and moves the body up to it. */
export function closeHead(out: ByteWriter, code: number, start: number): void {
  const head = out.start + start;
  const body = head + HEAD_MAX;
  const length = out.at - body;
  out.at = head;
  writeHead(out, code, length);
  out.bytes.copyWithin(out.at, body, body + length);
  out.at += length;
}

const FIXED: Readonly<Record<number, number>> = {
  1: f.FIXEXT1,
  2: f.FIXEXT2,
  4: f.FIXEXT4,
  8: f.FIXEXT8,
  16: f.FIXEXT16,
};

function writeHead(out: ByteWriter, code: number, length: number): void {
  const { bytes, view } = out;
  const fixed = FIXED[length];
  if (fixed !== undefined) {
    bytes[out.at++] = fixed;
  } else if (length < 0x100) {
    bytes[out.at++] = f.EXT8;
    bytes[out.at++] = length;
  } else if (length < 0x1_0000) {
    bytes[out.at] = f.EXT16;
    view.setUint16(out.at + 1, length);
    out.at += 3;
  } else {
    bytes[out.at] = f.EXT32;
    view.setUint32(out.at + 1, length);
    out.at += 5;
  }
  bytes[out.at++] = code;
}

function writeTimestamp(out: ByteWriter, date: Date): void {
  const parts = instantParts(date);
  if (parts === undefined) {
    throw new Refusal(date, "VALUE_OUT_OF_RANGE", "a valid date in the years 0000 to 9999");
  }
  const { seconds, nanoseconds } = parts;
  out.ensure(16);
  if (seconds >= 0 && seconds < TIMESTAMP64_SECONDS) {
    writeUnsignedTimestamp(out, seconds, nanoseconds);
  } else {
    writeHead(out, f.EXT_TIMESTAMP, 12);
    out.view.setUint32(out.at, nanoseconds);
    writeSeconds(out, out.at + 4, seconds);
    out.at += 12;
  }
}

/** 32 bits of seconds, or 30 bits of nanoseconds and 34 of seconds. */
function writeUnsignedTimestamp(out: ByteWriter, seconds: number, nanoseconds: number): void {
  const high = Math.floor(seconds / TWO_POW_32);
  const short = nanoseconds === 0 && high === 0;
  writeHead(out, f.EXT_TIMESTAMP, short ? 4 : 8);
  if (!short) {
    out.view.setUint32(out.at, nanoseconds * 4 + high);
    out.at += 4;
  }
  out.view.setUint32(out.at, seconds >>> 0);
  out.at += 4;
}

/** An i64 from a safe integer. */
function writeSeconds(out: ByteWriter, at: number, seconds: number): void {
  out.view.setInt32(at, Math.floor(seconds / TWO_POW_32));
  out.view.setUint32(at + 4, seconds >>> 0);
}

function writeDuration(out: ByteWriter, { seconds, microseconds }: Duration): void {
  out.ensure(16);
  writeHead(out, f.EXT_DURATION, 12);
  writeSeconds(out, out.at, seconds);
  out.view.setUint32(out.at + 8, microseconds);
  out.at += 12;
}

function writeUuidExtension(out: ByteWriter, uuid: Uuid): void {
  out.ensure(18);
  writeHead(out, f.EXT_UUID, 16);
  writeUuid(uuid.text, out.bytes, out.at);
  out.at += 16;
}

function writeComplex(out: ByteWriter, { re, im }: Complex): void {
  out.ensure(18);
  writeHead(out, f.EXT_COMPLEX, 16);
  writeFloat64(out, re);
  writeFloat64(out, im);
}

function writeHandle(out: ByteWriter, { id, type }: Handle): void {
  const start = reserveHead(out);
  out.ensure(8);
  out.view.setUint32(out.at, id / TWO_POW_32);
  out.view.setUint32(out.at + 4, id >>> 0);
  out.at += 8;
  if (writeUtf8(out, type) < 0) {
    throw new Refusal(type, "VALUE_UNSUPPORTED", "valid Unicode without lone surrogates");
  }
  closeHead(out, f.EXT_HANDLE, start);
}
