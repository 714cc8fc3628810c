import fc from "fast-check";

/** An edit that turns a good encoding into one that nobody wrote. */
type Edit = (bytes: Buffer) => Buffer;

const at = fc.nat();

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(at, fc.nat(255)).map(([where, byte]): Edit => (bytes) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[where % changed.length] = byte;
    return changed;
  }),
  at.map(
    (where): Edit =>
      (bytes) =>
        bytes.subarray(0, where % (bytes.length + 1)),
  ),
  fc
    .tuple(at, fc.uint8Array({ minLength: 1, maxLength: 9 }))
    .map(([where, more]): Edit => (bytes) => {
      const place = where % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place)]);
    }),
  fc.tuple(at, at).map(([from, length]): Edit => (bytes) => {
    const start = from % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + (length % 8))]);
  }),
  // Lengths and counts of every width as large as they can be.
  fc.tuple(at, fc.integer({ min: 1, max: 8 })).map(([where, width]): Edit => (bytes) => {
    const changed = Buffer.from(bytes);
    return changed.fill(
      0xff,
      where % (changed.length + 1),
      Math.min(changed.length, (where % (changed.length + 1)) + width),
    );
  }),
);

/** Bytes at random, and good encodings with one to three edits. */
export function hostileBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([seed, edits]) =>
      edits.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(seed)),
    );
  return fc.oneof(
    { weight: 4, arbitrary: mutated },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  );
}
