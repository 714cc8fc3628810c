import type { Readable } from "node:stream";

/** A description of more than 256 MiB is of no library. */
const MOST_BYTES = 256 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Reads the lines of a stream, of which one may be very long.
 *
 * `tooMuch` is called for each chunk beyond what any description takes; those are dropped.
 */
export function readLines(
  stream: Readable,
  onLine: (line: Buffer) => void,
  tooMuch: () => void,
): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      chunks = [];
      tooMuch();
      return;
    }
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      chunks.push(chunk.subarray(start, end));
      onLine(Buffer.concat(chunks));
      chunks = [];
      start = end + 1;
    }
    if (start < chunk.length) chunks.push(chunk.subarray(start));
  });
}
