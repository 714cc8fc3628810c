import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  encodeFrame,
  type Frame,
  FRAME_KINDS,
  FrameDecoder,
  type FrameInit,
  type FrameKind,
} from "./index.ts";

const NAMES = Object.keys(FRAME_KINDS) as FrameKind[];
const data = fc.uint8Array({ maxLength: 40 });

const frames: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom(...NAMES.filter((kind) => kind !== "hello")),
  callId: fc.maxSafeNat(),
  priority: fc.constantFrom("low", "normal", "high", "critical"),
  codec: fc.constantFrom("msgpack", "compact", "json"),
  version: fc.constant(1),
  body: data,
  attachments: fc.array(fc.record({ kind: fc.constantFrom("inline", "reference"), data }), {
    maxLength: 4,
  }),
});

function small(body: string): FrameInit {
  return { kind: "ping", body: Buffer.from(body) };
}

function texts(list: readonly Frame[]): string[] {
  return list.map(({ body }) => Buffer.from(body).toString());
}

/** A header that claims a body of so many bytes. */
function claim(bodyBytes: number, version = 1): Buffer {
  const header = Buffer.from(encodeFrame({ ...small(""), version }));
  header.writeUInt32LE(bodyBytes, 16);
  return header;
}

describe("frames come out as they went in", () => {
  test("however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 6 }), fc.array(fc.nat(2_000)), (list, cuts) => {
        const bytes = Buffer.concat(list.map((frame) => encodeFrame(frame)));
        const places = [
          0,
          ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b),
          bytes.length,
        ];
        const decoder = new FrameDecoder();
        const got = places.flatMap((from, i) =>
          decoder.feed(new Uint8Array(bytes.subarray(from, places[i + 1]))),
        );
        decoder.end();
        expect(got).toEqual(list);
      }),
      { numRuns: 1_000 },
    );
  });

  test("one byte at a time", () => {
    fc.assert(
      fc.property(fc.array(frames, { minLength: 1, maxLength: 3 }), (list) => {
        const decoder = new FrameDecoder();
        const got = Array.from(Buffer.concat(list.map((frame) => encodeFrame(frame))), (byte) =>
          decoder.feed(Uint8Array.of(byte)),
        ).flat();
        expect([got, decoder.pendingBytes]).toEqual([list, 0]);
      }),
      { numRuns: 100 },
    );
  });

  test("and large ones grow with what arrives", () => {
    const body = new Uint8Array(5_000_000).map((_, i) => i * 7);
    const bytes = encodeFrame({ kind: "result", body });
    const decoder = new FrameDecoder();
    const got: Frame[] = [];
    for (let at = 0; at < bytes.length; at += 60_001) {
      got.push(...decoder.feed(bytes.slice(at, at + 60_001)));
    }
    expect(Buffer.compare(got[0]?.body ?? Buffer.of(), body)).toBe(0);
  });
});

test("a frame that is whole in its chunk is a view of it, also of a Buffer at an offset", () => {
  const chunk = Buffer.concat([
    Buffer.alloc(3),
    encodeFrame({
      kind: "call",
      body: Uint8Array.of(1),
      attachments: [{ kind: "inline", data: Uint8Array.of(2) }],
    }),
  ]).subarray(3);
  const [frame] = new FrameDecoder().feed(chunk);
  expect([frame?.body.buffer, frame?.attachments[0]?.data.buffer]).toEqual([
    chunk.buffer,
    chunk.buffer,
  ]);
  expect([frame?.body, frame?.attachments[0]?.data]).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  expect(Buffer.isBuffer(frame?.body)).toBe(false);
});

describe("after a bad frame", () => {
  const bad = Buffer.concat([encodeFrame(small("a")), encodeFrame(small("b")), Buffer.alloc(24)]);

  test("the good ones before it are delivered, then every further call throws the same error", () => {
    const decoder = new FrameDecoder();
    expect(texts(decoder.feed(bad))).toEqual(["a", "b"]);
    expect(decoder.failure).toMatchObject({
      code: "FRAME_INVALID",
      context: { field: "magic", received: 0 },
    });
    for (const act of [
      () => decoder.feed(encodeFrame(small("c"))),
      () => decoder.feed(new Uint8Array(0)),
      () => decoder.end(),
    ]) {
      expect(act).toThrow(decoder.failure);
    }
    expect(decoder.pendingBytes).toBe(0);
  });

  test("the call that brings nothing else throws at once", () => {
    const decoder = new FrameDecoder();
    expect(() => decoder.feed(bad.subarray(-24))).toThrow(
      expect.objectContaining({ code: "FRAME_INVALID" }) as Error,
    );
    expect(() => decoder.end()).toThrow(decoder.failure);
  });

  test("it is refused as soon as its header is there", () => {
    const decoder = new FrameDecoder({ maxFrameBytes: 100 });
    const header = claim(77);
    decoder.feed(header.subarray(0, 23));
    expect(() => decoder.feed(header.subarray(23))).toThrow(
      expect.objectContaining({
        code: "FRAME_TOO_LARGE",
        context: { limit: 100, actual: 101 },
      }) as Error,
    );
  });
});

describe("a stream ends well", () => {
  test.each([
    [0, undefined],
    [1, { expected: 24, actual: 1 }],
    [23, { expected: 24, actual: 23 }],
    [24, { expected: 27, actual: 24 }],
    [26, { expected: 27, actual: 26 }],
    [27, undefined],
  ])("after %d of 27 bytes, unless that is inside a frame", (length, context) => {
    const decoder = new FrameDecoder();
    decoder.feed(encodeFrame(small("abc")).subarray(0, length));
    const end = (): void => decoder.end();
    if (context === undefined) end();
    else {
      expect(end).toThrow(expect.objectContaining({ code: "FRAME_TRUNCATED", context }) as Error);
    }
    expect(decoder.failure?.code).toBe(context === undefined ? undefined : "FRAME_TRUNCATED");
  });
});

describe("a decoder", () => {
  test("takes a frame of exactly its limit", () => {
    expect(new FrameDecoder({ maxFrameBytes: 27 }).feed(encodeFrame(small("abc")))).toHaveLength(1);
    expect(() => new FrameDecoder({ maxFrameBytes: 26 }).feed(encodeFrame(small("abc")))).toThrow(
      /27 bytes are more than the limit of 26$/,
    );
  });

  test.each([23, 0, -1, 24.5, Number.NaN, Infinity])(
    "is refused a limit of %d",
    (maxFrameBytes) => {
      expect(() => new FrameDecoder({ maxFrameBytes })).toThrow(
        /^Cannot make frame decoder: maxFrameBytes must be an integer of 24 or more/,
      );
    },
  );

  test("takes the versions that were negotiated, and a hello of any", () => {
    const decoder = new FrameDecoder({ versions: [2, 3] });
    expect(decoder.feed(claim(0, 2))).toHaveLength(1);
    expect(
      decoder.feed(encodeFrame({ kind: "hello", body: new Uint8Array(0), version: 9 })),
    ).toMatchObject([{ version: 9 }]);
    expect(() => decoder.feed(claim(0, 1))).toThrow(
      expect.objectContaining({
        code: "VERSION_UNSUPPORTED",
        context: { local: [2, 3], remote: [1, 1] },
      }) as Error,
    );
  });

  test("takes no memory for what a peer only claims", () => {
    const decoders = Array.from({ length: 8 }, () => new FrameDecoder());
    const before = process.memoryUsage().arrayBuffers;
    for (const decoder of decoders) {
      decoder.feed(Buffer.concat([claim(60 * 0x10_0000), Buffer.alloc(100)]));
      decoder.feed(Buffer.alloc(100));
    }
    const taken = process.memoryUsage().arrayBuffers - before;
    expect(decoders.map((decoder) => decoder.pendingBytes)).toEqual(decoders.map(() => 224));
    expect(taken).toBeLessThan(8 * 3 * 0x10_0000);
  });
});

describe("attachments that do not fill their section are refused", () => {
  const good = encodeFrame({
    kind: "call",
    body: Uint8Array.of(1),
    attachments: [
      { kind: "inline", data: Uint8Array.of(2) },
      { kind: "reference", data: new Uint8Array(8) },
    ],
  });

  test.each([
    ["padding", 25, 1],
    ["padding", 49, 7],
    ["attachment byteLength", 32, 17],
    ["attachmentBytes", 40, 0],
    ["attachment kind", 36, 2],
    ["attachment kind", 37, 1],
  ])("%s, when byte %d is %d", (field, at, byte) => {
    const bytes = good.slice();
    bytes[at] = byte;
    expect(() => new FrameDecoder().feed(bytes)).toThrow(
      expect.objectContaining({ code: "FRAME_INVALID", field }) as Error,
    );
  });
});
