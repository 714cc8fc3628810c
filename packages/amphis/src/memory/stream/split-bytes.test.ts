import fc from "fast-check";
import { expect, test } from "vitest";

import { splitBytes } from "./split-bytes.ts";

async function* pieces(lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const length of lengths) {
    const piece = Uint8Array.from({ length }, () => next++);
    yield piece;
    // As where a file is read into one buffer: a piece stands until the next one is asked for.
    piece.fill(255);
  }
}

async function lengthsAndBytes(split: AsyncIterable<Uint8Array>): Promise<[number[], number[]]> {
  const lengths: number[] = [];
  const bytes: number[] = [];
  for await (const piece of split) {
    lengths.push(piece.length);
    bytes.push(...piece);
  }
  return [lengths, bytes];
}

test("pieces of any length give the same chunks as the bytes in one piece", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(50), { maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      async (lengths, chunkBytes) => {
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const whole = Uint8Array.from({ length: total }, (_, at) => at);
        const expected = await lengthsAndBytes(splitBytes(whole, chunkBytes));
        expect(await lengthsAndBytes(splitBytes(pieces(lengths), chunkBytes))).toEqual(expected);
        expect(expected[1]).toEqual([...whole]);
        expect(expected[0].slice(0, -1).every((length) => length === chunkBytes)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test("a source is closed when the chunks are not wanted any more", async () => {
  let isClosed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(10);
    } finally {
      isClosed = true;
    }
  }
  for await (const piece of splitBytes(source(), 15)) {
    expect(piece.length).toBe(15);
    break;
  }
  expect(isClosed).toBe(true);
});
