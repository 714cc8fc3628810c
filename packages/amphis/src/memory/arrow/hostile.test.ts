import {
  type Batch,
  binary,
  columnFromArray,
  type DataType,
  dictionary,
  int32,
  int8,
  list,
  map,
  type Table,
  tableFromColumns,
  union,
  UnionMode,
  utf8,
} from "@uwdata/flechette";
import fc from "fast-check";
import { AmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { plain, sampleTable } from "../../../test/arrow/sample.ts";
import type { ArrowTable } from "./arrow-table.ts";
import {
  type FlatBuilder,
  flatBuffer,
  type FlatPart,
  int16,
  int32 as flatInt32,
  int64,
  int8 as flatInt8,
  numbers,
  part,
  parts,
  string,
  table,
} from "./flat-builder.ts";
import { MESSAGE, VERSION } from "./format.ts";
import { openTable } from "./open-table.ts";
import { writeTable } from "./write-table.ts";

const GUARD_BYTES = 256;
const SAMPLE = writeTable(sampleTable()).bytes;

/** The bytes amid others that must never be seen. */
function guarded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(bytes.length + 2 * GUARD_BYTES).fill(0xee);
  all.set(bytes, GUARD_BYTES);
  return all.subarray(GUARD_BYTES, GUARD_BYTES + bytes.length);
}

/** Every buffer of a column that shows memory. */
function* buffersOf(batch: Batch<unknown>): Generator<ArrayBufferView> {
  const {
    validity,
    values,
    offsets,
    typeIds,
    data,
    children,
    dictionary: keys,
  } = batch as Batch<unknown> & {
    readonly typeIds?: Int8Array;
    readonly data?: readonly Uint8Array[];
    readonly dictionary?: { readonly data: readonly Batch<unknown>[] };
  };
  for (const buffer of [validity, values, offsets, typeIds, ...(data ?? [])]) {
    if (buffer) yield buffer;
  }
  for (const inner of [...(children ?? []), ...(keys?.data ?? [])]) yield* buffersOf(inner);
}

function outside(opened: ArrowTable, bytes: Uint8Array): readonly ArrayBufferView[] {
  const end = bytes.byteOffset + bytes.byteLength;
  return opened.children
    .flatMap((column) => column.data.flatMap((batch) => [...buffersOf(batch)]))
    .filter(
      ({ buffer, byteOffset, byteLength }) =>
        buffer === bytes.buffer && (byteOffset < bytes.byteOffset || byteOffset + byteLength > end),
    );
}

function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AmphisError && error.code.startsWith("ARROW_")) return error.code;
    throw error;
  }
}

/** Opens bytes and reads all that can be read; anything but an error of this part gets out. */
function readAll(bytes: Uint8Array): void {
  refusal(() => {
    const opened = openTable({ bytes });
    expect(outside(opened, bytes)).toEqual([]);
    for (const column of opened.children) {
      for (let row = 0; row < Math.min(column.length, 100); row += 1) {
        refusal(() => plain(column.at(row)));
      }
    }
  });
}

describe("bytes of somebody else", () => {
  test("end in a table or a typed error, and never show what is beside them", () => {
    const change = fc.tuple(fc.nat(SAMPLE.length - 1), fc.integer({ min: 0, max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (all) => {
        const bytes = guarded(SAMPLE);
        for (const [at, value] of all) bytes[at] = value;
        readAll(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test("end in a table or a typed error when words of their metadata are extreme", () => {
    const words = [0, 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_ff, 0xff_ff_ff_f8, 64];
    const change = fc.tuple(fc.nat(SAMPLE.length / 4 - 1), fc.constantFrom(...words));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (all) => {
        const bytes = guarded(SAMPLE);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        for (const [at, value] of all) view.setUint32(at * 4, value, true);
        readAll(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test("that are noise are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        // Nothing, or the end of a stream, is no table either.
        expect(refusal(() => openTable({ bytes: noise }))).toMatch(/^ARROW_/u);
      }),
    );
  });

  test("that are cut short are refused, or are whole batches", () => {
    for (let length = 0; length < SAMPLE.length; length += 7) {
      readAll(guarded(SAMPLE.subarray(0, length)));
    }
    expect(refusal(() => openTable({ bytes: SAMPLE.subarray(0, 600) }))).toBe("ARROW_INVALID");
  });
});

/** A stream of one schema, whose root is given. */
function streamOf(...messages: readonly Uint8Array[]): Uint8Array {
  const chunks = messages.flatMap((metadata) => {
    const padded = new Uint8Array(Math.ceil((metadata.length + 8) / 8) * 8);
    const view = new DataView(padded.buffer);
    view.setUint32(0, 0xff_ff_ff_ff, true);
    view.setUint32(4, padded.length - 8, true);
    padded.set(metadata, 8);
    return [...padded];
  });
  return Uint8Array.from(chunks);
}

function message(kind: number, header: FlatPart, bodyBytes = 0): Uint8Array {
  return flatBuffer(table([int16(VERSION.v5), flatInt8(kind), part(header), int64(bodyBytes)]));
}

const INT_TYPE = 2;
const NULL_TYPE = 1;
const LIST_TYPE = 12;
const UNION_TYPE = 14;

function field(type: number, own: FlatPart, children: FlatPart = parts([])): FlatPart {
  return table([
    part(string("a")),
    flatInt8(1),
    flatInt8(type),
    part(own),
    undefined,
    part(children),
  ]);
}

const INT32 = field(INT_TYPE, table([flatInt32(32), flatInt8(1)]));

function schemaOf(...fields: readonly FlatPart[]): Uint8Array {
  return message(MESSAGE.schema, table([undefined, part(parts(fields))]));
}

function batchOf(rows: number, nodes: readonly number[], regions: readonly number[]): FlatPart {
  return table([int64(rows), part(numbers(8, nodes, 2)), part(numbers(8, regions, 2))]);
}

describe("metadata", () => {
  test("whose fields are one field again and again is refused before it multiplies", () => {
    /** Written once, then only referred to. */
    const shared = (written: FlatPart): FlatPart => {
      let at: number | undefined;
      return (out: FlatBuilder) => (at ??= written(out));
    };
    let deep = shared(INT32);
    for (let level = 0; level < 60; level += 1) {
      deep = shared(field(UNION_TYPE, table([]), parts([deep, deep])));
    }
    const bytes = streamOf(schemaOf(deep));
    expect(bytes.length).toBeLessThan(10_000);
    expect(() => openTable({ bytes })).toThrow(/refers to itself again and again/u);
  });

  test("that nests too deep is refused", () => {
    let deep = INT32;
    for (let level = 0; level < 70; level += 1) deep = field(LIST_TYPE, table([]), parts([deep]));
    expect(() => openTable({ bytes: streamOf(schemaOf(deep)) })).toThrow(/more than 64 deep/u);
  });

  test("that says of lists what takes no bytes is refused beyond a million", () => {
    const nulls = field(NULL_TYPE, table([]));
    const lists = field(LIST_TYPE, table([]), parts([nulls]));
    const batch = (count: number) =>
      message(MESSAGE.recordBatch, batchOf(0, [0, 0, count, count], [0, 0, 0, 0]));
    const bytes = (count: number) => streamOf(schemaOf(lists), batch(count));
    expect(openTable({ bytes: bytes(1_000_000) }).numRows).toBe(0);
    expect(() => openTable({ bytes: bytes(2 ** 31 - 1) })).toThrow(/values without bytes/u);
  });

  test.each([
    ["rows beyond 2^31", [2 ** 31, [2 ** 31, 0], [0, 0, 0, 0]], "more than 2\\^31 - 1 values"],
    ["a column of another length", [1, [2, 0], [0, 0, 0, 8]], "2 values in a batch of 1"],
    ["more nulls than values", [1, [1, 2], [0, 0, 0, 8]], "a column of 1 values has 2 nulls"],
    ["a buffer behind the body", [1, [1, 0], [0, 0, 8, 8]], "outside of its message"],
    ["a buffer before the body", [1, [1, 0], [0, 0, -8, 8]], "outside of its message"],
    [
      "a buffer that is too short",
      [2, [2, 0], [0, 0, 0, 4]],
      "has 4 bytes where its values need 8",
    ],
    ["too few buffers", [1, [1, 0], [0, 0]], "fewer buffers"],
    ["too many buffers", [1, [1, 0], [0, 0, 0, 8, 0, 8]], "more lengths or buffers"],
    ["too few lengths", [1, [], [0, 0, 0, 8]], "fewer lengths"],
  ] as const)("with %s is refused", (_, [rows, nodes, regions], why) => {
    const batch = message(MESSAGE.recordBatch, batchOf(rows, nodes, regions), 8);
    const bytes = Uint8Array.of(...streamOf(schemaOf(INT32), batch), ...new Uint8Array(8));
    expect(() => openTable({ bytes })).toThrow(new RegExp(why, "u"));
  });

  test.each([
    ["a tensor", MESSAGE.tensor, "a tensor message"],
    ["a sparse tensor", MESSAGE.sparse, "a sparse tensor message"],
  ] as const)("of %s is refused by name", (_, kind, feature) => {
    const bytes = streamOf(schemaOf(INT32), message(kind, table([])));
    expect(() => openTable({ bytes })).toThrow(`${feature} is not supported`);
  });

  test("of compressed buffers is refused by name", () => {
    const header = (codec: number) =>
      table([int64(0), undefined, undefined, part(table([flatInt8(codec)]))]);
    for (const [codec, name] of [
      [0, "LZ4"],
      [1, "ZSTD"],
      [7, "codec 7"],
    ] as const) {
      const bytes = streamOf(schemaOf(), message(MESSAGE.recordBatch, header(codec)));
      expect(() => openTable({ bytes })).toThrow(`${name} compression is not supported`);
    }
  });

  test("of another byte order is refused by name", () => {
    const bytes = streamOf(message(MESSAGE.schema, table([int16(1)])));
    expect(() => openTable({ bytes })).toThrow("big-endian data is not supported");
  });

  test("of two dictionaries with one identity and two types is refused", () => {
    const keyed = (type: number, own: FlatPart) =>
      table([
        part(string("a")),
        flatInt8(1),
        flatInt8(type),
        part(own),
        part(table([int64(3)])),
        part(parts([])),
      ]);
    const fields = [keyed(INT_TYPE, table([flatInt32(32)])), keyed(5, table([]))];
    const bytes = streamOf(schemaOf(...fields));
    expect(() => openTable({ bytes })).toThrow("dictionary 3 has two types");
  });

  test("of a column that an object could not hold is refused by name", () => {
    const own = tableFromColumns([["__proto__", columnFromArray([1], int32())]]);
    expect(() => openTable(writeTable(own))).toThrow("a column named __proto__");
  });

  test("of a file whose blocks overlap is refused", () => {
    const block = [8, 64, 0];
    const words = Array.from({ length: 100 }, () => block).flat();
    const schema = table([undefined, part(parts([INT32]))]);
    const footer = flatBuffer(
      table([int16(VERSION.v5), part(schema), undefined, part(numbers(8, words, 3))]),
    );
    const head = Uint8Array.from("ARROW1\0\0", (letter) => letter.charCodeAt(0));
    const length = new Uint8Array(Int32Array.of(footer.length).buffer);
    const inner = streamOf(message(MESSAGE.recordBatch, batchOf(0, [0, 0], [0, 0, 0, 0])));
    const bytes = Uint8Array.of(...head, ...inner, ...footer, ...length, ...head.subarray(0, 6));
    expect(refusal(() => openTable({ bytes }))).toBe("ARROW_INVALID");
  });
});

/** Opens a column, changes its memory as somebody else may at any time, and reads it. */
function changed(
  type: DataType,
  values: readonly unknown[],
  change: (batch: Batch<unknown> & { typeIds: Int8Array }) => void,
): () => unknown {
  const own: Table = tableFromColumns([["a", columnFromArray([...values], type)]]);
  const opened = openTable(writeTable(own));
  const [batch] = opened.getChildAt(0).data;
  change(batch as Batch<unknown> & { typeIds: Int8Array });
  return () => opened.getChildAt(0).toArray();
}

describe("values that change after their table was opened", () => {
  const words = ["ab", "cd"];

  test.each([
    ["a string that ends outside", utf8(), words, [0, 2, 1 << 30]],
    ["a string that begins outside", utf8(), words, [-5, 2, 4]],
    ["a string that ends before it begins", utf8(), words, [3, 2, 4]],
    ["bytes that end outside", binary(), [Uint8Array.of(1)], [0, 9]],
    ["a list that ends outside", list(int32()), [[1], [2]], [0, 1, 3]],
    ["lists that overlap", list(int32()), [[1], [2]], [0, 2, 1]],
    ["a map that ends outside", map(utf8(), int32()), [[["k", 1]]], [0, 1 << 30]],
  ] as const)("%s is refused", (_, type, values, changedOffsets) => {
    const read = changed(type, values, ({ offsets }) => {
      (offsets as Int32Array).set(changedOffsets);
    });
    expect(read).toThrow(expect.objectContaining({ code: "ARROW_INVALID" }));
  });

  test("a key without a value is refused", () => {
    const type = dictionary(utf8(), int8());
    for (const key of [-1, 2, 127]) {
      const read = changed(type, words, ({ values }) => (values[1] = key));
      expect(read).toThrow(`dictionary has no value ${key}`);
    }
  });

  test("a union of an unknown type, or of a value that is not there, is refused", () => {
    const type = (mode: 0 | 1) =>
      union(mode, [int32(), utf8()], undefined, (value) => (typeof value === "string" ? 1 : 0));
    const unknown = changed(type(UnionMode.Sparse), [1, "a"], ({ typeIds }) => (typeIds[0] = 9));
    expect(unknown).toThrow("a union has no type 9");
    const absent = changed(type(UnionMode.Dense), [1, "a"], ({ offsets }) => (offsets[0] = -1));
    expect(absent).toThrow("value -1 of a union is not there");
  });

  test("a string that is no UTF-8 is refused", () => {
    const read = changed(utf8(), words, ({ values }) => (values[0] = 0xff));
    expect(read).toThrow("a string is not UTF-8");
  });

  test("lists that were proven once do not change any more", () => {
    const opened = openTable(writeTable(sampleTable([["l", list(int32()), [[1], [2, 3]]]])));
    const column = opened.getChild("l");
    expect(plain(column.at(1))).toEqual([2, 3]);
    (column.data[0]?.offsets as Int32Array)[1] = 1 << 30;
    expect(plain(column.at(0))).toEqual([1]);
  });
});
