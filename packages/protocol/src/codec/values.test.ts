import { isDeepStrictEqual } from "node:util";

import { describe, expect, test } from "vitest";

import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
} from "../value/index.ts";
import { type Codec, codec, json, msgpack } from "./index.ts";

const UUID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f";

/** Each kind of spec/values.md with its bytes in msgpack and its text in json; both are what comes back. */
const ROWS: readonly (readonly [value: Value, msgpack: string, json: string])[] = [
  [null, "c0", "null"],
  [true, "c3", "true"],
  [false, "c2", "false"],
  [0.5, "cb3fe0000000000000", "0.5"],
  [-0, "cb8000000000000000", '{"$float":"-0"}'],
  [Number.NaN, "cb7ff8000000000000", '{"$float":"NaN"}'],
  [Infinity, "cb7ff0000000000000", '{"$float":"Infinity"}'],
  [-Infinity, "cbfff0000000000000", '{"$float":"-Infinity"}'],
  [2 ** 53, "cb4340000000000000", "9007199254740992"],
  [1e300, "cb7e37e43c8800759c", "1e+300"],
  [5e-324, "cb0000000000000001", "5e-324"],
  ["", "a0", '""'],
  ['é"\\\n\u2028\0😀', "adc3a9225c0ae280a800f09f9880", '"é\\"\\\\\\n\u2028\\u0000😀"'],
  [Uint8Array.of(0, 1), "c4020001", '{"$bytes":"AAE="}'],
  [[], "90", "[]"],
  [[1, [null]], "920191c0", "[1,[null]]"],
  [{}, "80", "{}"],
  [{ b: 1, a: [] }, "82a16201a16190", '{"b":1,"a":[]}'],
  [{ $a: 1 }, "81a2246101", '{"$map":[["$a",1]]}'],
  [{ $a: 1, $b: 2 }, "82a2246101a2246202", '{"$a":1,"$b":2}'],
  [
    new Map<Value, Value>([
      [1, 2],
      ["a", null],
    ]),
    "820102a161c0",
    '{"$map":[[1,2],["a",null]]}',
  ],
  [new Map<Value, Value>([[null, 1]]), "81c001", '{"$map":[[null,1]]}'],
  [
    new Map([[Tuple.of<Value>(1, "x"), 1]]),
    "81d6489201a17801",
    '{"$map":[[{"$tuple":[1,"x"]},1]]}',
  ],
  [new Date(0), "d6ff00000000", '{"$timestamp":"1970-01-01T00:00:00Z"}'],
  [new Date(1_500), "d7ff7735940000000001", '{"$timestamp":"1970-01-01T00:00:01.5Z"}'],
  [new Date(-1), "c70cff3b8b87c0ffffffffffffffff", '{"$timestamp":"1969-12-31T23:59:59.999Z"}'],
  [
    new Date(2 ** 34 * 1_000),
    "c70cff000000000000000400000000",
    '{"$timestamp":"2514-05-30T01:53:04Z"}',
  ],
  [
    new Timestamp(2 ** 32, 1),
    "d7ff0000000500000000",
    '{"$timestamp":"2106-02-07T06:28:16.000000001Z"}',
  ],
  [new LocalDate("2026-11-21"), "c70a43323032362d31312d3231", '{"$date":"2026-11-21"}'],
  [new LocalTime("08:50:22"), "d74430383a35303a3232", '{"$time":"08:50:22"}'],
  [
    new LocalDateTime("2026-11-21T08:50:22"),
    "c71345323032362d31312d32315430383a35303a3232",
    '{"$datetime":"2026-11-21T08:50:22"}',
  ],
  [new Duration(-1, 500_000), "c70c46ffffffffffffffff0007a120", '{"$duration":"-0.5"}'],
  [new Decimal("1.50"), "d641312e3530", '{"$decimal":"1.50"}'],
  [new Uuid(UUID), "d842" + UUID.replaceAll("-", ""), `{"$uuid":"${UUID}"}`],
  [new Set<Value>([1, "a"]), "d6479201a161", '{"$set":[1,"a"]}'],
  [Tuple.of(1, 2), "c70348920102", '{"$tuple":[1,2]}'],
  [new Complex(1, -0), "d8493ff00000000000008000000000000000", '{"$complex":[1,"-0"]}'],
  [new Path("/tmp"), "d64a2f746d70", '{"$path":"/tmp"}'],
  [new Handle(2 ** 53 - 1, "x"), "c7094b001fffffffffffff78", '{"$handle":[9007199254740991,"x"]}'],
  [
    new Attachment(65_535, "b", { n: 1 }),
    "c70a4c93cdffffa16281a16e01",
    '{"$attachment":[65535,"b",{"n":1}]}',
  ],
  [new Ext(-2, Uint8Array.of(7)), "d4fe07", '{"$ext":[-2,"Bw=="]}'],
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("every kind of value has its form, both ways", () => {
  test.each(ROWS)("%o", (value, bytes, text) => {
    expect(hex(msgpack().encode(value))).toBe(bytes);
    expect(msgpack().decode(Buffer.from(bytes, "hex"))).toStrictEqual(value);
    expect(Buffer.from(json().encode(value)).toString()).toBe(text);
    expect(json().decode(Buffer.from(text))).toStrictEqual(value);
  });
});

describe("ints are exact at every boundary", () => {
  const boundaries = [
    0n,
    5n,
    7n,
    8n,
    15n,
    16n,
    31n,
    32n,
    52n,
    53n,
    63n,
    64n,
    65n,
    127n,
    128n,
    65_534n,
  ].map((bits) => 2n ** bits);
  const ints = boundaries
    .flatMap((power) => [power - 1n, power, power + 1n])
    .flatMap((int) => [int, -int]);

  test.each(["msgpack", "json", "compact"])("in %s, and numbers when they are safe", (name) => {
    const one = codec(name);
    for (const int of ints) {
      const back = one.decode(one.encode(int));
      const safe = int <= BigInt(Number.MAX_SAFE_INTEGER) && int >= BigInt(Number.MIN_SAFE_INTEGER);
      expect([typeof back, BigInt(back as bigint)]).toEqual([safe ? "number" : "bigint", int]);
      if (safe) expect(hex(one.encode(Number(int)))).toBe(hex(one.encode(int)));
    }
  });

  test.each([
    [127, "7f"],
    [128, "cc80"],
    [256, "cd0100"],
    [65_536, "ce00010000"],
    [2 ** 32, "cf0000000100000000"],
    [2n ** 64n - 1n, "cfffffffffffffffff"],
    [2n ** 64n, "c70940010000000000000000"],
    [-32, "e0"],
    [-33, "d0df"],
    [-129, "d1ff7f"],
    [-32_769, "d2ffff7fff"],
    [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
    [-(2n ** 63n), "d38000000000000000"],
    [-(2n ** 63n) - 1n, "c70940ff7fffffffffffffff"],
    [2n ** 71n, "c70a4000800000000000000000"],
  ])("and in msgpack the shortest: %d is %s", (int, bytes) => {
    expect(hex(msgpack().encode(int))).toBe(bytes);
  });

  test.each(["msgpack", "json", "compact"])("and end in %s at 8,192 bytes", (name) => {
    const largest = 2n ** 65_535n - 1n;
    const one = codec(name);
    for (const int of [largest, -largest - 1n]) {
      expect(one.decode(one.encode(int))).toBe(int);
      const beyond = int + (int < 0n ? -1n : 1n);
      expect(() => one.encode([beyond])).toThrow(
        expect.objectContaining({ code: "VALUE_OUT_OF_RANGE", path: "$[0]" }) as Error,
      );
    }
  });
});

describe("a float", () => {
  test.each([
    [new Float(1), "cb3ff0000000000000", '{"$float":1}'],
    [new Float(-0), "cb8000000000000000", '{"$float":"-0"}'],
    [new Float(Number.MAX_SAFE_INTEGER), "cb433fffffffffffff", '{"$float":9007199254740991}'],
    [new Float(0.5), "cb3fe0000000000000", "0.5"],
    [new Float(Number.NaN), "cb7ff8000000000000", '{"$float":"NaN"}'],
  ])(
    "%o stays a float, and with exactFloats comes back to the same bytes",
    (value, bytes, text) => {
      for (const one of [msgpack({ exactFloats: true }), json({ exactFloats: true })]) {
        const encoded = one.encode(value);
        expect(one.name === "json" ? Buffer.from(encoded).toString() : hex(encoded)).toBe(
          one.name === "json" ? text : bytes,
        );
        expect(one.encode(one.decode(encoded))).toEqual(encoded);
        expect(one.encode(one.decode(one.encode(new Set([value]))))).toEqual(
          one.encode(new Set([value])),
        );
      }
      expect(msgpack().decode(msgpack().encode(value))).toBe(value.value);
    },
  );

  test("is one NaN whatever its bits were", () => {
    for (const bits of [
      "cb7ff8000000000001",
      "cbfff8000000000000",
      "cb7ff0000000000001",
      "caffc00001",
    ]) {
      expect(hex(msgpack().encode(msgpack().decode(Buffer.from(bits, "hex"))))).toBe(
        "cb7ff8000000000000",
      );
    }
    const complex = Buffer.from("d8497ff8000000000001fff8000000000000", "hex");
    expect(hex(msgpack().encode(msgpack().decode(complex)))).toBe(
      "d8497ff80000000000007ff8000000000000",
    );
  });
});

describe.each<readonly [string, Codec]>([
  ["msgpack", msgpack()],
  ["json", json()],
  ["compact", codec("compact")],
])("%s", (_, one) => {
  test("reads undefined as nil and leaves an undefined property out", () => {
    expect(one.decode(one.encode(undefined))).toBeNull();
    expect(one.decode(one.encode([undefined, { a: undefined, b: 1 }]))).toEqual([null, { b: 1 }]);
    expect(one.decode(one.encode({ $a: 1, b: undefined }))).toEqual({ $a: 1 });
    // eslint-disable-next-line no-sparse-arrays
    expect(one.decode(one.encode([, 1]))).toEqual([null, 1]);
  });

  test("keeps the key __proto__ and touches no prototype", () => {
    const value = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as Record<string, Value>;
    const back = one.decode(one.encode(value)) as Record<string, Value>;
    expect(Object.entries(back)).toEqual([
      ["__proto__", { x: 1 }],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(one.decode(one.encode(new Map([["__proto__", 1]])))).toEqual(
      JSON.parse('{"__proto__":1}'),
    );
  });

  test("takes an object without a prototype, an ArrayBuffer and a Buffer at an offset", () => {
    const bare = Object.assign(Object.create(null) as Record<string, Value>, { a: 1 });
    expect(one.decode(one.encode(bare))).toEqual({ a: 1 });
    expect(one.decode(one.encode(Uint8Array.of(1, 2).buffer))).toEqual(Uint8Array.of(1, 2));
    expect(one.decode(one.encode(Buffer.from("xyz").subarray(1)))).toEqual(
      new Uint8Array(Buffer.from("yz")),
    );
    const shifted = Buffer.concat([
      Buffer.from("junk"),
      one.encode({ a: [1.5, "x", 2n ** 70n] }),
    ]).subarray(4);
    expect(one.decode(shifted)).toEqual({ a: [1.5, "x", 2n ** 70n] });
  });

  test("makes a Map of a map with another key, or of any when it is asked to", () => {
    const mixed = new Map<Value, Value>([
      ["b", 1],
      [5, 2],
    ]);
    expect(one.decode(one.encode(mixed))).toEqual(mixed);
    expect(codec(one.name, { maps: "map" }).decode(one.encode({ a: {} }))).toEqual(
      new Map([["a", new Map()]]),
    );
    expect(one.decode(one.encode(new Map([["a", 1]])))).toEqual({ a: 1 });
  });
});

test("maps keep their order with keys that objects would sort", () => {
  const sorted = new Map<Value, Value>([
    ["b", 1],
    ["7", 2],
    ["a", 3],
  ]);
  expect(Buffer.from(json().encode(sorted)).toString()).toBe('{"b":1,"7":2,"a":3}');
  expect([
    ...(msgpack({ maps: "map" }).decode(msgpack().encode(sorted)) as Map<string, number>).keys(),
  ]).toEqual(["b", "7", "a"]);
  const mixed = new Map<Value, Value>([...sorted, [5, 4]]);
  for (const one of [msgpack(), json()]) {
    expect([...(one.decode(one.encode(mixed)) as Map<string, number>).keys()]).toEqual([
      "b",
      "7",
      "a",
      5,
    ]);
  }
  expect(msgpack().decode(msgpack().encode(sorted))).toEqual({ 7: 2, b: 1, a: 3 });
});

test("strings of every length and width come back", () => {
  for (const one of [msgpack(), json(), codec("compact")]) {
    for (const unit of ["a", "é", "日", "😀"]) {
      for (const length of [
        0, 1, 5, 6, 7, 10, 11, 12, 13, 15, 16, 17, 18, 19, 31, 32, 63, 84, 85, 86, 127, 255, 256,
        21_845, 21_846, 65_535, 65_536,
      ]) {
        const text = unit.repeat(length);
        expect(one.decode(one.encode(text)) === text, `${one.name} ${unit} ${length}`).toBe(true);
      }
    }
    expect(one.decode(one.encode("\ufffd and \ufeff"))).toBe("\ufffd and \ufeff");
  }
});

test("lists, maps and bytes come back at every length of their head", () => {
  for (const one of [msgpack(), json(), codec("compact")]) {
    for (const length of [0, 15, 16, 255, 256, 65_535, 65_536]) {
      const list = Array.from({ length }, (_, i) => i);
      expect(isDeepStrictEqual(one.decode(one.encode(list)), list)).toBe(true);
      const map = new Map(list.map((i) => [i, null]));
      expect((one.decode(one.encode(map)) as Map<unknown, unknown>).size ?? 0).toBe(
        length === 0 ? 0 : length,
      );
      const record = Object.fromEntries(list.map((i) => [`k${i}`, i]));
      expect(isDeepStrictEqual(one.decode(one.encode(record)), record)).toBe(true);
      const bytes = new Uint8Array(length).fill(7);
      expect(isDeepStrictEqual(one.decode(one.encode(bytes)), bytes)).toBe(true);
      const extension = new Ext(3, bytes);
      expect(isDeepStrictEqual(one.decode(one.encode(extension)), extension)).toBe(true);
    }
  }
});
