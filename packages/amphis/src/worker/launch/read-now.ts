import { readSync } from "node:fs";

const MOST_BYTES = 4_096;

/**
 * Reads what has come over a descriptor that an open stream of Node reads too, while this thread is blocked and so the event loop rests.
 *
 * The stream had given everything that it read before: it flows. Its end is left for it to find.
 */
export function readNow(descriptor: number, take: (bytes: Buffer) => void): void {
  for (;;) {
    const buffer = Buffer.allocUnsafe(MOST_BYTES);
    let count: number;
    try {
      count = readSync(descriptor, buffer);
    } catch {
      // EAGAIN: there is no more by now. Whatever else it is, the stream tells of it.
      return;
    }
    if (count === 0) return;
    take(buffer.subarray(0, count));
  }
}
