import { type DataType, float64, int32, type Table, utf8 } from "@uwdata/flechette";
import { describe, expect, test } from "vitest";

import { plain, sampleTable, TYPES } from "../../../test/arrow/sample.ts";
import { Arena } from "../arena.ts";
import { heapRegion } from "../region.ts";
import { ArrowTable } from "./arrow-table.ts";
import { openTable } from "./open-table.ts";
import { writeTable } from "./write-table.ts";

const FEW: readonly (readonly [string, DataType, readonly unknown[]])[] = [
  ["x", float64(), [1.5, 2.5, 3.5]],
  ["s", utf8(), ["a", "b", "c"]],
];

function few(): Table {
  return sampleTable(FEW);
}

function leased(): { readonly arena: Arena; readonly table: ArrowTable } {
  const arena = new Arena({ open: heapRegion });
  return { arena, table: openTable(writeTable(few(), (bytes) => arena.allocate(bytes))) };
}

describe("openTable", () => {
  for (const [name, type, given, opened = given] of TYPES) {
    test(`gives ${name} as it was written`, () => {
      const table = openTable(writeTable(sampleTable([[name, type, given]])));
      const [column] = table.children;
      expect(table.names).toEqual([name]);
      expect(plain([...(column ?? [])])).toEqual(plain(opened));
      expect(plain(column?.toArray())).toEqual(plain(opened));
      expect(plain([0, 1, 2].map((index) => column?.at(index)))).toEqual(plain(opened));
    });
  }

  test("gives rows as objects", () => {
    const table = openTable(writeTable(few()));
    const rows = [
      { x: 1.5, s: "a" },
      { x: 2.5, s: "b" },
      { x: 3.5, s: "c" },
    ];
    expect(table.numRows).toBe(3);
    expect(table.toArray()).toEqual(rows);
    expect([...table]).toEqual(rows);
    expect(table.at(1)).toEqual(rows[1]);
    expect(table.at(3)).toBe(null);
  });

  test("shows columns in the memory itself", () => {
    const memory = writeTable(few());
    const numbers = openTable(memory).getChild("x").toArray() as unknown as Float64Array;
    expect(numbers.buffer).toBe(memory.bytes.buffer);
    numbers[0] = 9;
    expect(openTable(memory).getChild("x").at(0)).toBe(9);
  });

  test("shows dictionary keys, offsets and bits in the memory itself", () => {
    const memory = writeTable(sampleTable());
    const outside = openTable(memory).children.flatMap((column) =>
      [column.data[0]?.values, column.data[0]?.offsets, column.data[0]?.validity].filter(
        (buffer) => buffer && buffer.byteLength > 0 && buffer.buffer !== memory.bytes.buffer,
      ),
    );
    expect(outside).toEqual([]);
  });

  test("gives values as flechette's options say", () => {
    const memory = writeTable(sampleTable());
    const table = openTable(memory, {
      useBigInt: false,
      useBigIntTimestamp: false,
      useDecimalInt: false,
      useDate: true,
      useMap: true,
      useProxy: true,
    });
    expect(table.getChild("duration").at(2)).toBe(-1);
    expect(table.getChild("timestamp").at(0)).toEqual(new Date("2026-02-28"));
    expect(table.getChild("date in ms").at(0)).toEqual(new Date("2026-02-28"));
    expect(table.getChild("decimal").at(0)).toBe(1.25);
    expect(table.getChild("map").at(0)).toEqual(new Map([["k", 1]]));
    expect(table.at(0)?.["int8"]).toBe(1);
  });

  test("refuses rows and columns once the lease is released", () => {
    const { table } = leased();
    const column = table.getChild("x");
    const iterator = table[Symbol.iterator]();
    iterator.next();
    const selected = table.select(["x"]);
    expect(selected.at(0)).toEqual({ x: 1.5 });
    (table.memory as Partial<Disposable>)[Symbol.dispose]?.();
    const uses: readonly (() => unknown)[] = [
      () => table.at(0),
      () => table.get(0),
      () => table.toArray(),
      () => table.toColumns(),
      () => iterator.next(),
      () => column.at(0),
      () => column.get(0),
      () => column.toArray(),
      () => [...column],
      () => selected.at(0),
      () => selected.toColumns(),
      () => writeTable(table),
    ];
    for (const use of uses) expect(use).toThrow(/its lease was released/u);
    expect(table.numRows).toBe(3);
  });

  test("reads rows of a table without columns, and a table without rows", () => {
    const rows = new ArrowTable(
      { bytes: new Uint8Array() },
      { schema: { fields: [] }, columns: [], rows: 2, useProxy: false },
    );
    const back = openTable(writeTable(rows));
    expect(back.numRows).toBe(2);
    expect(back.at(1)).toEqual({});
    expect(back.at(2)).toBe(null);
    const none = openTable(writeTable(sampleTable([["x", int32(), []]])));
    expect(none.numRows).toBe(0);
    expect([...none.getChild("x")]).toEqual([]);
  });

  test("takes memory that is longer than the table", () => {
    const { bytes } = writeTable(few());
    const longer = new Uint8Array(bytes.length + 50).fill(0xee);
    longer.set(bytes);
    expect(openTable({ bytes: longer }).numRows).toBe(3);
  });

  test("takes memory that threads share", () => {
    const memory = writeTable(sampleTable(), (bytes) => ({
      bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
    }));
    const table = openTable(memory);
    for (const [name, , given, opened = given] of TYPES) {
      expect(plain(table.getChild(name).toArray())).toEqual(plain(opened));
    }
  });

  test("refuses bytes that lie where numbers cannot be shown", () => {
    const { bytes } = writeTable(few());
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(() => openTable({ bytes: shifted.subarray(1) })).toThrow(/not aligned to 8 bytes/u);
  });
});
