import { buffer, strictUtf8, utf8Encoder } from "../../platform.ts";
import type { ByteWriter } from "./writer.ts";

/** Up to these lengths a loop beats the call into native code; measured on Node 20. */
const LOOP_WRITE_MAX = 18;
const LOOP_READ_MAX = 12;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Writes a text as UTF-8 at the writer's position, without a length, and moves it.
 *
 * @returns how many bytes, or -1 with nothing written when the text holds a lone surrogate
 */
export function writeUtf8(out: ByteWriter, text: string): number {
  const { length } = text;
  out.ensure(length * 3);
  if (length <= LOOP_WRITE_MAX && writeAscii(out, text, length)) return length;
  const written = writeNative(out, text);
  // As many bytes as UTF-16 units: all of it is ASCII.
  if (written !== length && LONE_SURROGATE.test(text)) return -1;
  out.at += written;
  return written;
}

function writeAscii(out: ByteWriter, text: string, length: number): boolean {
  const { bytes, at } = out;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 127) return false;
    bytes[at + i] = code;
  }
  out.at = at + length;
  return true;
}

function writeNative(out: ByteWriter, text: string): number {
  if (buffer !== undefined) {
    return buffer.utf8Write.call(out.bytes, text, out.at, out.bytes.length - out.at);
  }
  const encoded = utf8Encoder.encode(text);
  out.bytes.set(encoded, out.at);
  return encoded.length;
}

/** The text of `length` bytes at an offset, which must lie inside `bytes`; undefined when they are not UTF-8. */
export function readUtf8(bytes: Uint8Array, at: number, length: number): string | undefined {
  if (length <= LOOP_READ_MAX) {
    const text = readAscii(bytes, at, at + length);
    if (text !== undefined) return text;
  }
  if (buffer !== undefined) {
    const text = buffer.utf8Slice.call(bytes, at, at + length);
    // Bad bytes come out as U+FFFD, so only a text with one needs the strict (and slower) look.
    if (!text.includes("\uFFFD")) return text;
  }
  try {
    return strictUtf8.decode(bytes.subarray(at, at + length));
  } catch {
    return undefined;
  }
}

/** Only for offsets that are known to lie inside. */
function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function readAscii(bytes: Uint8Array, from: number, end: number): string | undefined {
  let seen = 0;
  for (let i = from; i < end; i += 1) seen |= byte(bytes, i);
  if (seen > 127) return undefined;
  let text = "";
  let at = from;
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      byte(bytes, at),
      byte(bytes, at + 1),
      byte(bytes, at + 2),
      byte(bytes, at + 3),
      byte(bytes, at + 4),
      byte(bytes, at + 5),
      byte(bytes, at + 6),
      byte(bytes, at + 7),
    );
  }
  if (at + 4 <= end) {
    text += String.fromCharCode(
      byte(bytes, at),
      byte(bytes, at + 1),
      byte(bytes, at + 2),
      byte(bytes, at + 3),
    );
    at += 4;
  }
  switch (end - at) {
    case 3:
      return text + String.fromCharCode(byte(bytes, at), byte(bytes, at + 1), byte(bytes, at + 2));
    case 2:
      return text + String.fromCharCode(byte(bytes, at), byte(bytes, at + 1));
    case 1:
      return text + String.fromCharCode(byte(bytes, at));
    default:
      return text;
  }
}
