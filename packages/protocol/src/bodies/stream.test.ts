import { expect, test } from "vitest";

import { SequenceCheck } from "./index.ts";

test("items in order and an end that counts them pass", () => {
  const check = new SequenceCheck();
  check.item(0);
  check.item(1);
  check.end(2);
});

test.each([
  ["a gap", [0, 2], 1, 2],
  ["a repetition", [0, 0], 1, 0],
  ["a late start", [1], 0, 1],
])("%s breaks the sequence", (_, sequences, expected, actual) => {
  const check = new SequenceCheck();
  expect(() => sequences.forEach((sequence) => check.item(sequence))).toThrow(
    expect.objectContaining({ code: "SEQUENCE_BROKEN", context: { expected, actual } }) as Error,
  );
});

test("an end before the last item breaks the sequence", () => {
  const check = new SequenceCheck();
  check.item(0);
  expect(() => check.end(2)).toThrow("Cannot take stream item 2: item 1 comes next");
});
