/**
 * What could control a terminal, hide itself or turn the direction of writing, and halves of surrogate pairs. With the `u` flag a
 * surrogate matches only when it is alone.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]/gu;
const UNSAFE_QUOTED = new RegExp(`["\\\\]|${UNSAFE.source}`, "gu");

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The text with everything unsafe escaped. */
export function bareText(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** The text between quotes, cut after so many code points. */
export function quotedText(text: string, limit: number): string {
  const end = cutAt(text, limit);
  return `"${text.slice(0, end).replace(UNSAFE_QUOTED, escaped)}"${whatIsLeft(text, end)}`;
}

/** The text without quotes, cut likewise. */
export function cutText(text: string, limit: number): string {
  const end = cutAt(text, limit);
  return `${bareText(text.slice(0, end))}${whatIsLeft(text, end)}`;
}

function whatIsLeft(text: string, from: number): string {
  return from === text.length ? "" : ` … ${countCodePoints(text, from)} more`;
}

/** Index after the first `limit` code points. */
function cutAt(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  let at = 0;
  for (let left = limit; left > 0 && at < text.length; left -= 1) at += widthAt(text, at);
  return at;
}

export function countCodePoints(text: string, from = 0): number {
  let count = 0;
  for (let at = from; at < text.length; at += widthAt(text, at)) count += 1;
  return count;
}

function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** `bytes(4) 00 01 02 ff`, the bytes cut after a limit. */
export function bytesText(bytes: Uint8Array, limit: number): string {
  let text = `bytes(${bytes.byteLength})`;
  for (const byte of bytes.subarray(0, limit)) text += ` ${HEX[byte] ?? ""}`;
  return bytes.byteLength > limit ? `${text} …` : text;
}
