import { describe, expect, test } from "vitest";

import { type Foreign, msgpack } from "../codec/index.ts";
import { decodeAdopting } from "../bodies/index.ts";
import { Attachment, Handle, type Value } from "../value/index.ts";
import { bodyOf, encodeFrame, encodeWholeFrame, FrameDecoder, type FrameShape } from "./index.ts";

const PLAIN: FrameShape = { kind: "call", places: ["function", "args"], foreign: undefined };

/** Functions become handles with the numbers in which they come, and large bytes attachments. */
function translating(bulkBytes = 64): FrameShape {
  let last = 0;
  const foreign: Foreign = {
    bulkBytes,
    translate: (thing) => {
      last += 1;
      if (typeof thing === "function") return new Handle(last, "f");
      if (thing instanceof Uint8Array) return new Attachment(last, "bytes");
      return typeof thing === "object" && thing !== null && Symbol.iterator in thing
        ? new Handle(last, "i")
        : undefined;
    },
  };
  return { ...PLAIN, foreign };
}

function bodyWith(shape: FrameShape, ...body: readonly unknown[]): Value {
  return msgpack().decode(bodyOf(encodeWholeFrame(shape, 1, body)));
}

describe("a frame that is encoded whole", () => {
  test.each([0, 1, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER])(
    "has the bytes of any other, with call id %d",
    (callId) => {
      const body = ["m:f", [1, "two", { three: 3 }]];
      const whole = encodeWholeFrame(PLAIN, callId, body);
      const other = encodeFrame({ kind: "call", callId, body: msgpack().encode(body) });
      expect(Buffer.compare(whole, other)).toBe(0);
    },
  );

  test("is right when its memory is renewed on the way", () => {
    const text = "é".repeat(100_000);
    const [frame] = new FrameDecoder().feed(encodeWholeFrame(PLAIN, 7, ["m:f", [text]]));
    expect(frame?.callId).toBe(7);
    expect(msgpack().decode(frame?.body ?? new Uint8Array())).toEqual(["m:f", [text]]);
  });

  test("keeps those that were encoded before it", () => {
    const first = encodeWholeFrame(PLAIN, 1, ["first"]);
    const second = encodeWholeFrame(PLAIN, 2, ["second"]);
    expect([bodyOf(first), bodyOf(second)].map((body) => msgpack().decode(body))).toEqual([
      ["first"],
      ["second"],
    ]);
  });
});

describe("what is no value", () => {
  test("is written as what it is translated to, once each, in order", () => {
    const shape = translating();
    const iterable = { *[Symbol.iterator](): Generator<number> {} };
    expect(bodyWith(shape, () => 1, { a: [() => 2] }, iterable)).toEqual([
      new Handle(1, "f"),
      { a: [new Handle(2, "f")] },
      new Handle(3, "i"),
    ]);
  });

  test("includes large bytes, and small ones are written", () => {
    const small = new Uint8Array(63);
    expect(bodyWith(translating(), small, new Uint8Array(64), new ArrayBuffer(64))).toEqual([
      small,
      new Attachment(1, "bytes"),
      new Attachment(2, "bytes"),
    ]);
  });

  test("includes handles and attachments, which only who translates may make", () => {
    for (const named of [new Handle(5, "x"), new Attachment(0, "bytes")]) {
      expect(() => bodyWith(translating(), named)).toThrow(
        expect.objectContaining({ code: "VALUE_UNSUPPORTED", path: "function" }) as Error,
      );
      expect(bodyWith(PLAIN, named)).toEqual([named]);
    }
  });

  test("is refused with its path when nobody translates it", () => {
    expect(() => bodyWith(PLAIN, "f", [{ a: [0, () => 1] }])).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED", path: "args[0].a[1]" }) as Error,
    );
  });

  test("is refused with its path when it contains itself", () => {
    const map = new Map<string, unknown>();
    map.set("k", [map]);
    expect(() => bodyWith(PLAIN, "f", [map])).toThrow(
      expect.objectContaining({
        code: "VALUE_UNSUPPORTED",
        path: "args[0].k[0]",
        received: "a map that contains itself",
      }) as Error,
    );
  });

  test("is too deep without a cycle, also where two ways lead to each level", () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 200; level += 1) deep = [deep, deep];
    expect(() => bodyWith(PLAIN, "f", [deep])).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED", limit: 128 }) as Error,
    );
  });

  test("that throws while it is translated leaves the next encoding as it was", () => {
    const error = new Error("mine");
    const shape: FrameShape = {
      ...PLAIN,
      foreign: {
        bulkBytes: 1,
        translate: () => {
          throw error;
        },
      },
    };
    expect(() => bodyWith(shape, () => 1)).toThrow(error);
    expect(bodyWith(PLAIN, new Uint8Array(5))).toEqual([new Uint8Array(5)]);
  });
});

describe("decoding with adoption", () => {
  const named = [new Handle(1, "a"), { b: new Attachment(0, "bytes", { c: 1 }) }, 5];

  test("puts what handles and attachments stand for in their places", () => {
    const seen: unknown[] = [];
    const adoption = { adopt: (each: unknown) => `seen ${seen.push(each)}` };
    expect(decodeAdopting(msgpack().encode(named), adoption)).toEqual([
      "seen 1",
      { b: "seen 2" },
      5,
    ]);
    expect(seen).toEqual([new Handle(1, "a"), new Attachment(0, "bytes", { c: 1 })]);
  });

  test("passes on what the adoption throws, and refuses bytes behind the value", () => {
    const error = new Error("mine");
    const adoption = {
      adopt: () => {
        throw error;
      },
    };
    expect(() => decodeAdopting(msgpack().encode(named), adoption)).toThrow(error);
    expect(() => decodeAdopting(Uint8Array.of(0xc0, 0xc0), adoption)).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
    );
  });
});
