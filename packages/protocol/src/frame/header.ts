import { AmphisError } from "../error/index.ts";
import type { CodecName } from "../codec/index.ts";
import { PRIORITIES, type Priority } from "../priority.ts";
import { FRAME_CODECS, FRAME_KIND_NAMES, type FrameKind } from "./kind.ts";

// Header, 24 bytes, little-endian (spec/frame.md).
//    0  u16  magic          2  u8   version          3  u8   kind
//    4  u16  flags          6  u16  attachmentCount  8  u64  callId
//   16  u32  bodyBytes     20  u32  attachmentBytes
export const HEADER_BYTES = 24;
/** Bytes of an entry of the attachment section: u32 byteLength, u8 kind, three zeros. */
export const ENTRY_BYTES = 8;
export const MAGIC = 0x4d41;

const TWO_POW_32 = 0x1_0000_0000;
const MAX_CALL_ID_HIGH = 0x1f_ffff;

/** What a header says, which is all that routing between calls needs. */
export interface FrameHeader {
  readonly kind: FrameKind;
  readonly callId: number;
  readonly priority: Priority;
  readonly codec: CodecName;
  readonly version: number;
  readonly attachmentCount: number;
  readonly bodyBytes: number;
  readonly attachmentBytes: number;
  /** Length of the whole frame. */
  readonly frameBytes: number;
}

/** The next multiple of 8. */
export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/**
 * Reads a header without touching what follows.
 *
 * @param at where the header starts; 24 bytes must be there
 * @throws {AmphisError} FRAME_INVALID for anything that is no header; the version is not judged here
 */
export function peekHeader(bytes: Uint8Array, at = 0): FrameHeader {
  if (bytes.length - at < HEADER_BYTES) {
    throw new RangeError(
      `Cannot read header: ${HEADER_BYTES} bytes are needed, got ${Math.max(0, bytes.length - at)}`,
    );
  }
  const magic = u16(bytes, at);
  if (magic !== MAGIC) throw invalid("magic", magic);
  const kind = FRAME_KIND_NAMES[bytes[at + 3] as number];
  if (kind === undefined) throw invalid("kind", bytes[at + 3] as number);
  const flags = u16(bytes, at + 4);
  const codec = FRAME_CODECS[(flags >> 2) & 3];
  // A hello must be readable before anything is agreed on, hence always msgpack.
  if (flags > 0x0f || codec === undefined || (kind === "hello" && codec !== "msgpack")) {
    throw invalid("flags", flags);
  }
  const high = u32(bytes, at + 12);
  if (high > MAX_CALL_ID_HIGH) throw invalid("callId", high * TWO_POW_32);
  const attachmentCount = u16(bytes, at + 6);
  const bodyBytes = u32(bytes, at + 16);
  const attachmentBytes = u32(bytes, at + 20);
  const isSection =
    attachmentCount === 0
      ? attachmentBytes === 0
      : attachmentBytes >= attachmentCount * ENTRY_BYTES && attachmentBytes % 8 === 0;
  if (!isSection) throw invalid("attachmentBytes", attachmentBytes);
  return {
    kind,
    callId: u32(bytes, at + 8) + high * TWO_POW_32,
    priority: PRIORITIES[flags & 3] as Priority,
    codec,
    version: bytes[at + 2] as number,
    attachmentCount,
    bodyBytes,
    attachmentBytes,
    frameBytes:
      HEADER_BYTES + (attachmentCount === 0 ? bodyBytes : padded(bodyBytes) + attachmentBytes),
  };
}

export function invalid(field: string, received: number): AmphisError<"FRAME_INVALID"> {
  return new AmphisError("FRAME_INVALID", `Cannot read frame: ${field} ${received} is not valid`, {
    field,
    received,
  });
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}
