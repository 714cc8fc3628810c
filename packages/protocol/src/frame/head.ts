import type { ByteWriter } from "../codec/index.ts";
import { PROTOCOL_VERSION } from "./frame.ts";
import { HEADER_BYTES, MAGIC } from "./header.ts";
import { FRAME_KINDS, type FrameKind } from "./kind.ts";

const TWO_POW_32 = 0x1_0000_0000;
/** Priority normal, codec msgpack, no attachments. */
const PLAIN_FLAGS = 1;

/** Leaves room for the header of a frame whose body is written next. */
export function reserveFrameHead(out: ByteWriter): void {
  out.ensure(HEADER_BYTES);
  out.at += HEADER_BYTES;
}

/** Writes the header of a plain frame, now that the length of its body is known: all that was written behind the header. */
export function closeFrameHead(out: ByteWriter, kind: FrameKind, callId: number): void {
  const { view, start } = out;
  view.setUint32(start, MAGIC | (PROTOCOL_VERSION << 16) | (FRAME_KINDS[kind] << 24), true);
  view.setUint32(start + 4, PLAIN_FLAGS, true);
  view.setUint32(start + 8, callId >>> 0, true);
  view.setUint32(start + 12, callId / TWO_POW_32, true);
  view.setUint32(start + 16, out.at - start - HEADER_BYTES, true);
  view.setUint32(start + 20, 0, true);
}
