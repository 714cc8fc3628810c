import { describe, expect, test, vi } from "vitest";

import type { Value } from "../value/index.ts";
import { codec, type CodecOptions, json, msgpack } from "./index.ts";

describe("a codec is chosen by name", () => {
  test.each(["msgpack", "compact", "json"] as const)("%s", (name) => {
    expect(codec(name).name).toBe(name);
  });

  test.each(["xml", "", "constructor", "__proto__"])("and %j is none", (name) => {
    expect(() => codec(name)).toThrow(
      expect.objectContaining({
        code: "CODEC_UNKNOWN",
        context: { codec: name },
        message: `Cannot make codec "${name}": there are msgpack, compact, json`,
      }) as Error,
    );
  });
});

describe("options are refused when they make no sense", () => {
  test.each<CodecOptions>([
    { maxDepth: 0 },
    { maxDepth: 513 },
    { maxDepth: 1.5 },
    { maxDepth: Number.NaN },
    { maps: "object " as never },
  ])("%o", (options) => {
    for (const name of ["msgpack", "compact", "json"]) {
      expect(() => codec(name, options)).toThrow(/^Cannot make codec: (maxDepth|maps) must be /);
    }
  });

  test("and undefined means the default", () => {
    const options = {
      maxDepth: undefined,
      maps: undefined,
      exactFloats: undefined,
    } as unknown as CodecOptions;
    for (const name of ["msgpack", "compact", "json"]) {
      expect(codec(name, options).decode(codec(name, options).encode({ a: [1] }))).toEqual({
        a: [1],
      });
    }
  });
});

describe.each(["msgpack", "compact", "json"])("%s output", (name) => {
  const one = codec(name);

  test("belongs to the caller: no later encoding changes it", () => {
    const outputs = Array.from({ length: 3_000 }, (_, i) =>
      one.encode({ i, text: "x".repeat(i % 90) }),
    );
    outputs.forEach((output, i) =>
      expect(one.decode(output)).toEqual({ i, text: "x".repeat(i % 90) }),
    );
    outputs[0]?.fill(0);
    expect(one.decode(outputs[1] ?? Buffer.of())).toEqual({ i: 1, text: "x" });
  });

  test("is right when a getter encodes something itself", () => {
    const value = {
      before: 1,
      get inner(): Uint8Array {
        return one.encode(["y".repeat(200), { deeper: one.encode("z") }]);
      },
      after: "x".repeat(100_000),
    };
    const back = one.decode(one.encode(value)) as {
      readonly inner: Uint8Array;
      readonly after: string;
    };
    expect(one.decode(back.inner)).toEqual(["y".repeat(200), { deeper: one.encode("z") }]);
    expect(back.after).toHaveLength(100_000);
  });

  test("that is small does not keep a large one alive", () => {
    const large = new Uint8Array(1_000_000);
    one.encode(large);
    expect(one.encode("small").buffer.byteLength).toBeLessThanOrEqual(65_536);
    expect(() => one.encode([large, () => 1] as never)).toThrow(/a function$/);
    expect(one.encode("small").buffer.byteLength).toBeLessThanOrEqual(65_536);
  });
});

test("bytes that msgpack decodes are views of its input", () => {
  const input = Buffer.from("92c4020102d60501020304", "hex");
  const [bytes, ext] = msgpack().decode(input) as readonly [
    Uint8Array,
    { readonly data: Uint8Array },
  ];
  input.fill(9);
  expect([bytes, ext.data]).toEqual([Uint8Array.of(9, 9), Uint8Array.of(9, 9, 9, 9)]);
});

describe("json", () => {
  test("reads white space, escapes and any order, and writes none", () => {
    const text = ' { "b" : [ 1 , 1.0 , 1e2 , -0 ] , "\\u0061" : "\\ud83d\\ude00" } ';
    const value = json().decode(Buffer.from(text));
    expect(value).toStrictEqual({ b: [1, 1, 100, 0], a: "😀" });
    expect(Buffer.from(json().encode(value)).toString()).toBe('{"b":[1,1,100,0],"a":"😀"}');
  });

  test.each([0, 1, 2, 3, 8_191, 8_192, 8_193, 12_000_000])(
    "carries %d bytes as base64",
    (length) => {
      const bytes = new Uint8Array(length).map((_, i) => i * 31);
      const back = json().decode(json().encode(bytes)) as Uint8Array;
      expect(Buffer.compare(back, bytes)).toBe(0);
    },
  );

  test.each([
    "AA",
    "AAA",
    "AA=A",
    "A===",
    "====",
    "AB==",
    "AAB=",
    "AA==AAAA",
    "A A=",
    "AA\n=",
    "AAAA\n",
    "-_==",
    "AA==\n",
  ])("refuses %j, which is not base64 as it is written", (text) => {
    expect(() => json().decode(Buffer.from(JSON.stringify({ $bytes: text })))).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
    );
  });

  test("is the same where there is no Buffer", async () => {
    vi.resetModules();
    vi.stubGlobal("Buffer", undefined);
    const bare = await import("./index.ts");
    vi.unstubAllGlobals();
    const values: Value[] = [
      "x".repeat(50),
      "é日😀".repeat(30),
      "a\ufffdb".repeat(9),
      Uint8Array.of(1, 2, 3),
      { key: 2n ** 80n },
    ];
    for (const name of ["msgpack", "compact", "json"]) {
      for (const value of values) {
        expect(bare.codec(name).decode(codec(name).encode(value))).toEqual(value);
      }
      for (const value of values) {
        expect(Buffer.compare(bare.codec(name).encode(value), codec(name).encode(value))).toBe(0);
      }
      expect(() => bare.codec(name).encode("lone surrogate in a longer text \ud800")).toThrow(
        /must be valid Unicode/,
      );
    }
    expect(() => bare.msgpack().decode(Buffer.from("d914" + "ff".repeat(20), "hex"))).toThrow(
      /not valid UTF-8$/,
    );
  });
});
