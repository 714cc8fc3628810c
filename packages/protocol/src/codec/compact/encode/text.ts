import { type ByteWriter, writeUtf8 } from "../../bytes/index.ts";
import type { IntegerConfiguration } from "../layout.ts";
import { unsupported } from "../refuse.ts";
import { integerWriters, writeVarint } from "./integer.ts";

export type WriteText = (out: ByteWriter, text: string) => void;

function varintBytes(length: number): number {
  return length < 251 ? 1 : length <= 0xffff ? 3 : 5;
}

/** Writes the text behind room for the length of an ASCII text, and moves it in the rare case that this was not enough. */
function writeVarintText(out: ByteWriter, text: string): void {
  const room = varintBytes(text.length);
  // The writer may move what was written when it grows, so positions are taken after that.
  out.ensure(5 + text.length * 3);
  const start = out.at;
  out.at = start + room;
  const length = writeUtf8(out, text);
  if (length < 0) throw unsupported("valid Unicode", text);
  if (length < 251 && room === 1) {
    out.bytes[start] = length;
    return;
  }
  const size = varintBytes(length);
  if (size !== room) out.bytes.copyWithin(start + size, start + room, start + room + length);
  out.at = start;
  writeVarint(out, length);
  out.at = start + size + length;
}

function writeFixedText(out: ByteWriter, text: string): void {
  out.ensure(8 + text.length * 3);
  const start = out.at;
  out.at = start + 8;
  const length = writeUtf8(out, text);
  if (length < 0) throw unsupported("valid Unicode", text);
  const { at } = out;
  out.at = start;
  integerWriters("fixed").length(out, length);
  out.at = at;
}

export function textWriter(integers: IntegerConfiguration): WriteText {
  return integers === "fixed" ? writeFixedText : writeVarintText;
}

/** Writes one code point without a length. */
export function writeChar(out: ByteWriter, value: unknown): void {
  if (typeof value !== "string") throw unsupported("char", value);
  const code = value.codePointAt(0);
  if (code === undefined || value.length !== (code > 0xffff ? 2 : 1)) {
    throw unsupported("char", value);
  }
  if (writeUtf8(out, value) < 0) throw unsupported("valid Unicode", value);
}
