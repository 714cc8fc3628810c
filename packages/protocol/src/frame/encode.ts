import { AmphisError } from "../error/index.ts";
import { allocateBriefly } from "../platform.ts";
import { PRIORITIES } from "../priority.ts";
import {
  DEFAULT_MAX_FRAME_BYTES,
  type FrameAttachment,
  type FrameInit,
  PROTOCOL_VERSION,
} from "./frame.ts";
import { ENTRY_BYTES, HEADER_BYTES, MAGIC, padded } from "./header.ts";
import { FRAME_CODECS, FRAME_KINDS } from "./kind.ts";

const MAX_U32 = 0xffff_ffff;
const NO_ATTACHMENTS: readonly FrameAttachment[] = [];

export interface EncodeFrameOptions {
  /** Largest frame that the peer takes. @default 67_108_864 */
  readonly maxFrameBytes?: number;
}

/**
 * A frame as one piece of memory, which may be part of a larger one. Body and attachments are copied into it.
 *
 * @throws {AmphisError} FRAME_TOO_LARGE beyond the limit, before anything is sent that the peer would refuse
 * @throws {RangeError} when the call id, the number of attachments or a length does not fit the header
 */
export function encodeFrame(frame: FrameInit, options?: EncodeFrameOptions): Uint8Array {
  const { body, attachments = NO_ATTACHMENTS } = frame;
  const section = attachmentBytes(attachments);
  const start =
    attachments.length === 0 ? HEADER_BYTES + body.length : HEADER_BYTES + padded(body.length);
  checkSize(start + section, options);
  const bytes = allocateBriefly(start + section);
  writeHeader(bytes, frame, section);
  bytes.set(body, HEADER_BYTES);
  bytes.fill(0, HEADER_BYTES + body.length, start);
  if (attachments.length > 0) writeAttachments(bytes, start, attachments);
  return bytes;
}

/**
 * A frame as the pieces to write one after the other; body and attachments are the caller's own memory and are not copied.
 *
 * @throws as {@link encodeFrame}
 */
export function frameParts(frame: FrameInit, options?: EncodeFrameOptions): Uint8Array[] {
  const { body, attachments = NO_ATTACHMENTS } = frame;
  const section = attachmentBytes(attachments);
  checkSize(
    HEADER_BYTES + (attachments.length === 0 ? body.length : padded(body.length) + section),
    options,
  );
  const head = allocateBriefly(HEADER_BYTES);
  writeHeader(head, frame, section);
  if (attachments.length === 0) return body.length === 0 ? [head] : [head, body];
  const table = allocateBriefly(
    padded(body.length) - body.length + attachments.length * ENTRY_BYTES,
  );
  table.fill(0);
  writeEntries(table, padded(body.length) - body.length, attachments);
  const parts = [head, body, table];
  for (const { data } of attachments) {
    parts.push(data);
    if (data.length % 8 !== 0) parts.push(ZEROS.subarray(data.length % 8));
  }
  return parts;
}

function checkSize(
  actual: number,
  { maxFrameBytes: limit = DEFAULT_MAX_FRAME_BYTES }: EncodeFrameOptions = {},
): void {
  if (actual > limit) {
    throw new AmphisError(
      "FRAME_TOO_LARGE",
      `Cannot encode frame: ${actual} bytes are more than the limit of ${limit}`,
      { limit, actual },
    );
  }
}

const ZEROS = new Uint8Array(8);

function attachmentBytes(attachments: readonly FrameAttachment[]): number {
  let total = attachments.length * ENTRY_BYTES;
  for (const { data } of attachments) total += padded(data.length);
  return total;
}

function writeHeader(bytes: Uint8Array, frame: FrameInit, section: number): void {
  const {
    kind,
    callId = 0,
    priority = "normal",
    codec = "msgpack",
    version = PROTOCOL_VERSION,
  } = frame;
  const count = frame.attachments?.length ?? 0;
  check("callId", callId, Number.MAX_SAFE_INTEGER);
  check("number of attachments", count, 0xffff);
  check("body length", frame.body.length, MAX_U32);
  check("length of the attachments", section, MAX_U32);
  check("version", version, 0xff);
  const flags = PRIORITIES.indexOf(priority) | (FRAME_CODECS.indexOf(codec) << 2);
  if (flags < 0 || !Object.hasOwn(FRAME_KINDS, kind)) {
    throw new TypeError(
      `Cannot encode frame: kind ${String(kind)}, priority ${String(priority)} or codec ${String(codec)} is not known`,
    );
  }
  if (kind === "hello" && codec !== "msgpack") {
    throw new TypeError(`Cannot encode frame: a hello is always msgpack, got ${codec}`);
  }
  put16(bytes, 0, MAGIC);
  bytes[2] = version;
  bytes[3] = FRAME_KINDS[kind];
  put16(bytes, 4, flags);
  put16(bytes, 6, count);
  put32(bytes, 8, callId >>> 0);
  put32(bytes, 12, Math.floor(callId / 0x1_0000_0000));
  put32(bytes, 16, frame.body.length);
  put32(bytes, 20, section);
}

function check(what: string, value: number, max: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= max)) {
    throw new RangeError(
      `Cannot encode frame: ${what} must be an integer from 0 to ${max}, got ${value}`,
    );
  }
}

function writeAttachments(
  bytes: Uint8Array,
  start: number,
  attachments: readonly FrameAttachment[],
): void {
  let at = writeEntries(bytes, start, attachments);
  for (const { data } of attachments) {
    bytes.set(data, at);
    const end = at + padded(data.length);
    bytes.fill(0, at + data.length, end);
    at = end;
  }
}

/** @returns where the data starts */
function writeEntries(
  bytes: Uint8Array,
  start: number,
  attachments: readonly FrameAttachment[],
): number {
  let at = start;
  for (const { kind, data } of attachments) {
    put32(bytes, at, data.length);
    put32(bytes, at + 4, kind === "reference" ? 1 : 0);
    at += ENTRY_BYTES;
  }
  return at;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value & 0xffff);
  put16(bytes, at + 2, value >>> 16);
}
