import { describe, expect, test } from "vitest";

import { msgpack } from "../codec/index.ts";
import type { Value } from "../value/index.ts";
import { decodeHello, encodeHello, type Hello } from "./index.ts";

const hello: Hello = {
  product: "amphis 0.1.0 (node 20.20.2)",
  versions: [1, 1],
  codecs: ["compact", "msgpack", "json"],
  limits: { maxFrameBytes: 67_108_864, maxDepth: 128 },
  capabilities: ["shared-memory"],
};

test("a hello comes back as it went", () => {
  expect(decodeHello(encodeHello(hello))).toEqual(hello);
});

test("a hello of a newer peer is read without what this version does not know", () => {
  const newer = {
    ...hello,
    versions: [1, 9, 2],
    codecs: ["zstd-pack", "msgpack"],
    limits: { ...hello.limits, maxCalls: 5 },
    region: "eu",
  };
  expect(decodeHello(msgpack().encode(newer as unknown as Value))).toEqual({
    ...hello,
    versions: [1, 9],
    codecs: ["zstd-pack", "msgpack"],
  });
});

describe("a hello of another shape is refused with its path, when it is read and when it is written", () => {
  test.each([
    [{ product: 1 }, "$.product", "a string"],
    [{ versions: [2, 1] }, "$.versions[1]", "an int from 2 to 255"],
    [{ versions: [0, 1] }, "$.versions[0]", "an int from 1 to 255"],
    [{ versions: [1] }, "$.versions", "a list of 2 or more"],
    [{ codecs: "msgpack" }, "$.codecs", "a list"],
    [{ codecs: ["msgpack", 1] }, "$.codecs[1]", "a string"],
    [{ limits: null }, "$.limits", "a map with string keys"],
    [
      { limits: { maxFrameBytes: 0, maxDepth: 1 } },
      "$.limits.maxFrameBytes",
      "an int from 1 to 9007199254740991",
    ],
    [{ limits: { maxFrameBytes: 1 } }, "$.limits.maxDepth", "an int from 1 to 9007199254740991"],
    [{ capabilities: {} }, "$.capabilities", "a list"],
  ])("%o", (change, path, expected) => {
    const wrong = { ...hello, ...change } as unknown as Hello;
    const refusal = expect.objectContaining({
      code: "BODY_INVALID",
      context: { body: "hello", path, expected },
    }) as Error;
    expect(() => decodeHello(msgpack().encode(wrong as unknown as Value))).toThrow(refusal);
    expect(() => encodeHello(wrong)).toThrow(refusal);
  });
});

test("a hello above 64 KiB is refused before it is decoded", () => {
  const refusal = expect.objectContaining({
    code: "FRAME_TOO_LARGE",
    context: { limit: 65_536, actual: 65_537 },
  }) as Error;
  expect(() => decodeHello(new Uint8Array(65_537).fill(0xc1))).toThrow(refusal);
  expect(() => encodeHello({ ...hello, product: "x".repeat(70_000) })).toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }) as Error,
  );
});
