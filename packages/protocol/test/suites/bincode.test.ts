import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { type CompactCodec, compactFor } from "../../src/codec/compact/index.ts";
import { isAmphisError } from "../../src/error/index.ts";

interface EncodeRow {
  readonly kind: "encode";
  readonly type: string;
  readonly value: unknown;
  readonly standard: string;
  readonly legacy: string;
}

interface DecodeRow {
  readonly kind: "decode";
  readonly config: "standard" | "legacy";
  readonly type: string;
  readonly hex: string;
  readonly ok: boolean;
  readonly consumed?: number;
  readonly reencoded?: string;
}

/** A Rust type as a schema, and the suite's way of writing its values as ours. */
interface RustType {
  readonly schema: object;
  readonly value: (written: never) => unknown;
}

const integer = (type: string): RustType => ({
  schema: { "x-amphis": type },
  value: (written: string | number) => asInteger(written),
});
const optional = (schema: object): object => ({ anyOf: [schema, { type: "null" }] });
const list = (items: object): object => ({ type: "array", items });
const array = (items: object, length: number): object => ({
  "x-amphis": "array",
  items,
  minItems: length,
  maxItems: length,
});
const tuple = (...prefixItems: readonly object[]): object => ({
  type: "array",
  prefixItems,
  items: false,
});
const record = (properties: Readonly<Record<string, object>>): object => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const result = (ok: object, err: object): object => ({
  anyOf: [record({ Ok: ok }), record({ Err: err })],
});

const text = { type: "string" };
const u8 = { "x-amphis": "u8" };
const u16 = { "x-amphis": "u16" };
const u32 = { "x-amphis": "u32" };
const bytes = { "x-amphis": "bytes" };
const unchanged = (written: unknown): unknown => written;

const IPV4 = array(u8, 4);
const IPV6 = { "x-amphis": "bytes", minItems: 16, maxItems: 16 };

const TYPES: Readonly<Record<string, RustType>> = {
  ...Object.fromEntries(
    ["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128"].map((type) => [
      type,
      integer(type),
    ]),
  ),
  usize: integer("u64"),
  isize: integer("i64"),
  NonZeroU32: integer("u32"),
  "Box<u32>": integer("u32"),
  bool: { schema: { type: "boolean" }, value: unchanged },
  char: { schema: { "x-amphis": "char" }, value: unchanged },
  String: { schema: text, value: unchanged },
  f32: {
    schema: { "x-amphis": "f32" },
    value: ({ bits }: { bits: string }) => Buffer.from(bits, "hex").readFloatBE(),
  },
  f64: { schema: { "x-amphis": "f64" }, value: floatOfBits },
  "()": { schema: { type: "null" }, value: unchanged },
  "(u8,)": { schema: tuple(u8), value: unchanged },
  "(u32,i32)": { schema: tuple(u32, { "x-amphis": "i32" }), value: unchanged },
  "(u8,String,bool)": { schema: tuple(u8, text, { type: "boolean" }), value: unchanged },
  "(u8,String,bool,f64)": {
    schema: tuple(u8, text, { type: "boolean" }, { type: "number" }),
    value: ([a, b, c, d]: [number, string, boolean, { bits: string }]) => [a, b, c, floatOfBits(d)],
  },
  "Range<u8>": { schema: tuple(u8, u8), value: unchanged },
  "[u8;5]": { schema: array(u8, 5), value: unchanged },
  "[u32;3]": { schema: array(u32, 3), value: unchanged },
  "[[u8;2];2]": { schema: array(array(u8, 2), 2), value: unchanged },
  "[Option<u16>;2]": { schema: array(optional(u16), 2), value: unchanged },
  "Vec<u8>": { schema: bytes, value: (written: number[]) => Uint8Array.from(written) },
  "Vec<u16>": { schema: list(u16), value: unchanged },
  "Vec<i64>": {
    schema: list({ "x-amphis": "i64" }),
    value: (written: string[]) => written.map(asInteger),
  },
  "Vec<String>": { schema: list(text), value: unchanged },
  "Vec<Vec<u8>>": {
    schema: list(bytes),
    value: (written: number[][]) => written.map((item) => Uint8Array.from(item)),
  },
  "BTreeSet<u16>": {
    schema: { "x-amphis": "set", items: u16 },
    value: (written: number[]) => new Set(written),
  },
  "BTreeMap<String,u32>": {
    schema: { type: "object", additionalProperties: u32 },
    value: unchanged,
  },
  "BTreeMap<u8,Vec<Option<String>>>": {
    schema: { "x-amphis": "map", keys: u8, values: list(optional(text)) },
    value: (written: object) =>
      new Map(Object.entries(written).map(([key, item]) => [Number(key), item])),
  },
  "Option<u32>": { schema: optional(u32), value: unchanged },
  "Option<String>": { schema: optional(text), value: unchanged },
  // nil cannot tell None from Some(None), so the inner option is the property of a map, as the suite writes it.
  "Option<Option<u8>>": { schema: optional(record({ some: optional(u8) })), value: unchanged },
  "Result<u32,u8>": { schema: result(u32, u8), value: unchanged },
  "Result<u32,String>": { schema: result(u32, text), value: unchanged },
  "Result<(),String>": { schema: result({ type: "null" }, text), value: unchanged },
  Duration: { schema: record({ secs: { "x-amphis": "u64" }, nanos: u32 }), value: unchanged },
  Ipv4Addr: { schema: IPV4, value: ipv4 },
  IpAddr: {
    schema: { anyOf: [IPV4, IPV6] },
    value: (written: string) => (written.includes(":") ? ipv6(written) : ipv4(written)),
  },
  SocketAddr: { schema: { anyOf: [tuple(IPV4, u16), tuple(IPV6, u16)] }, value: socketAddress },
};

function asInteger(written: string | number): number | bigint {
  const near = Number(written);
  return Number.isSafeInteger(near) ? near : BigInt(written);
}

function floatOfBits({ bits }: { bits: string }): number {
  return Buffer.from(bits, "hex").readDoubleBE();
}

function ipv4(written: string): number[] {
  return written.split(".").map(Number);
}

/** Only the loopback address occurs. */
function ipv6(written: string): Uint8Array {
  expect(written).toBe("::1");
  return Uint8Array.from([...Array<number>(15).fill(0), 1]);
}

function socketAddress(written: string): unknown {
  const [host = "", port = ""] = written.split(":");
  return [ipv4(host), Number(port)];
}

/** The Rust maps of the suite are sorted; ours keep the order in which entries arrive. */
function sorted(value: unknown): unknown {
  if (!isPlain(value)) return value;
  const byBytes = ([a]: [string, unknown], [b]: [string, unknown]): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b));
  return new Map(Object.entries(value).sort(byBytes));
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString("hex");
}

const CONFIGURATIONS = { standard: "varint", legacy: "fixed" } as const;

function codecsOf(
  config: "standard" | "legacy",
  generate: boolean,
): (type: string) => CompactCodec<unknown> {
  const made = new Map<string, CompactCodec<unknown>>();
  return (type) => {
    const { schema } = rustType(type);
    const codec =
      made.get(type) ?? compactFor<unknown>(schema, { integers: CONFIGURATIONS[config], generate });
    made.set(type, codec);
    return codec;
  };
}

function rustType(type: string): RustType {
  const known = TYPES[type];
  if (known === undefined) {
    throw new Error(`The suite has a type that this test does not know: ${type}`);
  }
  return known;
}

const folder =
  process.env["AMPHIS_SUITES"] ??
  fileURLToPath(new URL("../../../../../shared/suites", import.meta.url));
const file = `${folder}/bincode/vectors.jsonl`;
const present = existsSync(file);
if (!present) {
  test("bincode suite", ({ skip }) =>
    skip("its folder is absent; set AMPHIS_SUITES to where the suites are"));
}

const rows = present
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as EncodeRow | DecodeRow)
  : [];
const encodeRows = rows.filter((row): row is EncodeRow => row.kind === "encode");
const decodeRows = rows.filter((row): row is DecodeRow => row.kind === "decode");

if (present) {
  describe("bincode suite", () => {
    test("has all of its rows", () => {
      expect([encodeRows.length, decodeRows.length]).toEqual([555, 5_490]);
    });

    describe.each([
      ["standard", true],
      ["standard", false],
      ["legacy", true],
      ["legacy", false],
    ] as const)("%s, generated code: %s", (config, generate) => {
      const codecOf = codecsOf(config, generate);

      test("every value is encoded to the bytes of the suite", () => {
        const got = encodeRows.map((row) => [
          row.type,
          row.value,
          hex(codecOf(row.type).encode(rustType(row.type).value(row.value as never))),
        ]);
        expect(got).toEqual(encodeRows.map((row) => [row.type, row.value, row[config]]));
      });

      test("every encoding decodes to what encodes to it again", () => {
        for (const row of encodeRows) {
          const codec = codecOf(row.type);
          expect(hex(codec.encode(codec.decode(Buffer.from(row[config], "hex")))), row.type).toBe(
            row[config],
          );
        }
      });

      test("every input is accepted or refused, consumed and encoded again as in the suite", () => {
        const expected = decodeRows.filter((row) => row.config === config);
        expect(expected).toHaveLength(2_745);
        for (const row of expected) {
          expect(verdict(codecOf(row.type), row.hex), `${row.type} ${row.hex}`).toEqual(
            row.ok ? { ok: true, consumed: row.consumed, reencoded: row.reencoded } : { ok: false },
          );
        }
      });
    });
  });
}

function verdict(codec: CompactCodec<unknown>, input: string): unknown {
  try {
    const { value, end } = codec.decodePrefix(Buffer.from(input, "hex"));
    return { ok: true, consumed: end, reencoded: hex(codec.encode(sorted(value))) };
  } catch (error) {
    if (!isAmphisError(error, "DECODE_FAILED")) throw error;
    return { ok: false };
  }
}
