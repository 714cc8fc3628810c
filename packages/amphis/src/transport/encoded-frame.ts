/** Pieces below this are joined, so that many small frames are one write. */
const SMALL_BYTES = 0x2000;

/** A frame as bytes: in one piece, or in several to write one after the other. */
export type EncodedFrame = Uint8Array | readonly Uint8Array[];

export function isOnePiece(frame: EncodedFrame): frame is Uint8Array {
  return !Array.isArray(frame);
}

export function lengthOf(frame: EncodedFrame): number {
  if (isOnePiece(frame)) return frame.length;
  let bytes = 0;
  for (const part of frame) bytes += part.length;
  return bytes;
}

/** The same bytes in fewer pieces: small ones together, large ones as they are. */
export function joinSmall(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length === 1) return parts;
  const joined: Uint8Array[] = [];
  let from = 0;
  while (from < parts.length) {
    let to = from;
    let bytes = 0;
    for (let part = parts[to]; part !== undefined && part.length < SMALL_BYTES; part = parts[to]) {
      bytes += part.length;
      to += 1;
    }
    if (to - from > 1) joined.push(join(parts, from, to, bytes));
    else joined.push(parts[from] as Uint8Array);
    from = Math.max(to, from + 1);
  }
  return joined;
}

function join(parts: readonly Uint8Array[], from: number, to: number, bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let index = from; index < to; index += 1) {
    const part = parts[index] as Uint8Array;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
