import { constants } from "node:buffer";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** The quickest: the others gain little more. */
const QUICK = { level: 1 };
/** Less than that fills one block of a disk anyway. */
const LEAST_BYTES = 4_096;
/** Pieces from which is judged whether the rest is worth it. */
const PIECE_BYTES = 4_096;
const PIECES = 4;
/** What is packed takes at most so much of its length; numbers hardly ever do, and packing them is slow. */
const MOST_OF_LENGTH = 0.75;

const AS_IT_IS = 0;
const DEFLATED = 1;

/** Bytes as they are written to a disk: a mark, and what is smaller, they or the same deflated. Done by other threads than this. */
export async function pack(bytes: Uint8Array): Promise<Uint8Array> {
  const most = bytes.length * MOST_OF_LENGTH;
  const packed = (await isWorthIt(bytes)) ? await deflate(bytes, QUICK) : bytes;
  return packed.length <= most
    ? Buffer.concat([Uint8Array.of(DEFLATED), packed])
    : Buffer.concat([Uint8Array.of(AS_IT_IS), bytes]);
}

/**
 * What was packed.
 *
 * @param most that it may be, whatever the packed bytes say
 * @throws when they are none, or more comes out of them
 */
export async function unpack(packed: Uint8Array, most: number): Promise<Uint8Array> {
  const content = packed.subarray(1);
  if (packed[0] === AS_IT_IS) return content;
  if (packed[0] === DEFLATED) {
    return inflate(content, { maxOutputLength: Math.min(Math.max(1, most), constants.MAX_LENGTH) });
  }
  throw new Error(`Cannot unpack bytes: expected the mark 0 or 1, found ${packed[0]}`);
}

async function isWorthIt(bytes: Uint8Array): Promise<boolean> {
  if (bytes.length < LEAST_BYTES) return false;
  const step = Math.max(0, bytes.length - PIECE_BYTES) / (PIECES - 1);
  const pieces = Array.from({ length: PIECES }, (_, index) => {
    const start = Math.floor(index * step);
    return bytes.subarray(start, start + PIECE_BYTES);
  });
  const sample = Buffer.concat(pieces);
  return (await deflate(sample, QUICK)).length <= sample.length * MOST_OF_LENGTH;
}
