/**
 * Cuts bytes into pieces of one size, the last one shorter. A piece stands until the next one is asked for: those that
 * are put together from small ones share one buffer.
 *
 * @throws whatever the source throws
 */
export async function* splitBytes(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (source instanceof Uint8Array) {
    yield* slices(source, chunkBytes);
    return;
  }
  const gathered = new Uint8Array(chunkBytes);
  let length = 0;
  for await (const piece of source) {
    const missing = length === 0 ? 0 : Math.min(chunkBytes - length, piece.length);
    gathered.set(piece.subarray(0, missing), length);
    length += missing;
    if (length === chunkBytes) {
      yield gathered;
      length = 0;
    }
    if (missing === piece.length) continue;
    const whole = piece.length - ((piece.length - missing) % chunkBytes);
    yield* slices(piece.subarray(missing, whole), chunkBytes);
    gathered.set(piece.subarray(whole));
    length = piece.length - whole;
  }
  if (length > 0) yield gathered.subarray(0, length);
}

function* slices(bytes: Uint8Array, chunkBytes: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
  }
}
