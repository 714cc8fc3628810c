import { expect, test } from "vitest";

import { closeFailure, messagesOf } from "./websocket-message.ts";

const LIMIT = 262_144;

function lengths(...sizes: number[]): number[] {
  return messagesOf(sizes.map((size) => new Uint8Array(size))).map(({ length }) => length);
}

test("small pieces travel together, and large ones as messages of 256 KiB and less", () => {
  expect(lengths()).toEqual([]);
  expect(lengths(0)).toEqual([]);
  expect(lengths(24, 100, 16)).toEqual([140]);
  expect(lengths(24, 16_384, 5, 5)).toEqual([24, 16_384, 10]);
  expect(lengths(24, LIMIT + 1)).toEqual([24, LIMIT, 1]);
  expect(Math.max(...lengths(...Array.from({ length: 40 }, () => 16_000)))).toBeLessThanOrEqual(
    LIMIT,
  );
});

test("messages joined are the pieces joined, and large pieces are not copied", () => {
  const pieces = [3, 20_000, 1, 2, 300_000, 7].map((size, n) => new Uint8Array(size).fill(n + 1));
  const messages = messagesOf(pieces);
  expect(Buffer.concat(messages).equals(Buffer.concat(pieces))).toBe(true);
  expect(messages[1]?.buffer).toBe(pieces[1]?.buffer);
});

test.each([
  [1000, undefined],
  [1001, undefined],
  [1005, undefined],
  [1002, "the peer closed the WebSocket with code 1002"],
  [1006, "it broke"],
  [1009, "the peer closed the WebSocket with code 1009"],
])("close code %d is good order or a failure", (code, reason) => {
  expect(closeFailure("ws://a/", code)?.context["reason"]).toBe(reason);
});
