import { describe, expect, test } from "vitest";

import { encodeFrame, FRAME_KINDS, type FrameInit, frameParts, peekHeader } from "./index.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const attachments = [
  { kind: "inline", data: Uint8Array.of(1, 2, 3) },
  { kind: "reference", data: new Uint8Array(8).fill(9) },
  { kind: "inline", data: new Uint8Array(0) },
] as const;

const frame: FrameInit = {
  kind: "call",
  callId: 2 ** 53 - 1,
  priority: "critical",
  codec: "json",
  version: 1,
  body: Uint8Array.of(0xaa, 0xbb),
  attachments,
};

describe("an encoded frame", () => {
  test("is the header of spec/frame.md and the body", () => {
    expect(hex(encodeFrame({ kind: "ping", body: Uint8Array.of(7) }))).toBe(
      "414d" + "01" + "0c" + "0100" + "0000" + "0000000000000000" + "01000000" + "00000000" + "07",
    );
  });

  test("pads body and attachments to multiples of 8", () => {
    expect(hex(encodeFrame(frame))).toBe(
      "414d" +
        "01" +
        "03" +
        "0b00" +
        "0300" +
        "ffffffffffff1f00" +
        "02000000" +
        "28000000" + // header
        "aabb000000000000" + // body
        "0300000000000000" +
        "0800000001000000" +
        "0000000000000000" + // entries
        "0102030000000000" +
        "0909090909090909", // data
    );
  });

  test.each([0, 1, 7, 8, 9])(
    "is the same in parts with a body of %d bytes, which are the caller's own memory",
    (length) => {
      const one = { ...frame, body: new Uint8Array(length).fill(5) };
      const parts = frameParts(one);
      expect(hex(Buffer.concat(parts))).toBe(hex(encodeFrame(one)));
      expect(parts).toContain(one.body);
      for (const { data } of attachments) expect(parts).toContain(data);
      expect(hex(Buffer.concat(frameParts({ kind: "end", body: one.body })))).toBe(
        hex(encodeFrame({ kind: "end", body: one.body })),
      );
    },
  );

  test.each(Object.entries(FRAME_KINDS))("of kind %s has the number %d", (kind, number) => {
    const bytes = encodeFrame({ kind: kind as keyof typeof FRAME_KINDS, body: new Uint8Array(0) });
    expect([bytes[3], peekHeader(bytes).kind]).toEqual([number, kind]);
  });

  test.each([
    [{ callId: -1 }, /callId must be an integer from 0 to 9007199254740991, got -1$/],
    [{ callId: 0.5 }, /callId must be/],
    [{ callId: 2 ** 53 }, /callId must be/],
    [{ version: 256 }, /version must be/],
    [
      { attachments: Array.from({ length: 65_536 }, () => attachments[2]) },
      /number of attachments must be/,
    ],
    [{ kind: "other" as never }, /kind other/],
    [{ kind: "toString" as never }, /kind toString/],
    [{ priority: "urgent" as never }, /priority urgent/],
    [{ codec: "xml" as never }, /codec xml/],
    [{ kind: "hello", codec: "json" } as const, /a hello is always msgpack, got json$/],
  ])("is refused with %o", (changes, message) => {
    for (const encode of [encodeFrame, frameParts]) {
      expect(() => encode({ ...frame, ...changes })).toThrow(message);
      expect(() => encode({ ...frame, ...changes })).toThrow(/^Cannot encode frame: /);
    }
  });
});

test("a frame that the peer would refuse is refused before it is made", () => {
  for (const encode of [encodeFrame, frameParts]) {
    expect(() =>
      encode({ kind: "ping", body: new Uint8Array(8) }, { maxFrameBytes: 32 }),
    ).not.toThrow();
    expect(() => encode(frame, { maxFrameBytes: 71 })).toThrow(
      expect.objectContaining({
        code: "FRAME_TOO_LARGE",
        context: { limit: 71, actual: 72 },
      }) as Error,
    );
    expect(() => encode({ kind: "ping", body: new Uint8Array(0x400_0000) })).toThrow(
      /^Cannot encode frame: 67108888 bytes are more than the limit of 67108864$/,
    );
  }
});

describe("a header", () => {
  test("is read at an offset without what follows", () => {
    const bytes = Buffer.concat([Buffer.alloc(5), encodeFrame(frame)]);
    expect(peekHeader(bytes.subarray(0, 29), 5)).toEqual({
      kind: "call",
      callId: 2 ** 53 - 1,
      priority: "critical",
      codec: "json",
      version: 1,
      attachmentCount: 3,
      bodyBytes: 2,
      attachmentBytes: 40,
      frameBytes: 72,
    });
  });

  test("of fewer than 24 bytes is a mistake of the caller", () => {
    expect(() => peekHeader(new Uint8Array(23))).toThrow(RangeError);
    expect(() => peekHeader(new Uint8Array(24), 1)).toThrow(/24 bytes are needed, got 23$/);
  });

  test.each([
    ["magic", 0, 0x40, 0x4d40],
    ["kind", 3, 0, 0],
    ["kind", 3, 18, 18],
    ["flags", 4, 0x0c, 0x0c],
    ["flags", 4, 0x10, 0x10],
    ["flags", 5, 0x01, 0x109],
    ["callId", 14, 0x20, 2 ** 53],
    ["attachmentBytes", 20, 16, 16],
    ["attachmentBytes", 20, 41, 41],
    ["attachmentBytes", 6, 0, 40],
  ])("with a wrong %s (byte %d is %d) is refused", (field, at, byte, received) => {
    const bytes = encodeFrame({ ...frame, callId: 0, priority: "normal", codec: "json" });
    bytes[at] = byte;
    expect(() => peekHeader(bytes)).toThrow(
      expect.objectContaining({ code: "FRAME_INVALID", context: { field, received } }) as Error,
    );
  });

  test("of a hello is refused in another codec than msgpack", () => {
    const bytes = encodeFrame({ kind: "hello", body: new Uint8Array(0) });
    bytes[4] = 5;
    expect(() => peekHeader(bytes)).toThrow(
      expect.objectContaining({
        code: "FRAME_INVALID",
        context: { field: "flags", received: 5 },
      }) as Error,
    );
  });
});
