import { columnFromArray, int32, tableFromColumns } from "@uwdata/flechette";
import { describe, expect, test } from "vitest";

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
    const inner = streamOf(message(MESSAGE.recordBatch, batchOf(0, [0, 0], [0, 0, 0, 0])));
    const file = (blocks: number): Uint8Array => {
      const words = Array.from({ length: blocks }, () => [8, inner.length, 0]).flat();
      const schema = table([undefined, part(parts([INT32]))]);
      const footer = flatBuffer(
        table([int16(VERSION.v5), part(schema), undefined, part(numbers(8, words, 3))]),
      );
      const magic = Uint8Array.from("ARROW1\0\0", (letter) => letter.charCodeAt(0));
      const length = new Uint8Array(Int32Array.of(footer.length).buffer);
      return Uint8Array.of(...magic, ...inner, ...footer, ...length, ...magic.subarray(0, 6));
    };
    expect(openTable({ bytes: file(1) }).numRows).toBe(0);
    expect(() => openTable({ bytes: file(2) })).toThrow(
      "a block of a file at 8 is not inside of it",
    );
  });
});
