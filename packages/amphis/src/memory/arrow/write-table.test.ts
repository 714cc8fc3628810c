import {
  Column,
  columnFromArray,
  dictionary,
  int32,
  int8,
  list,
  listView,
  struct,
  Table,
  tableFromColumns,
  utf8,
} from "@uwdata/flechette";
import { describe, expect, test } from "vitest";

import { plain, sampleTable, TYPES } from "../../../test/arrow/sample.ts";
import { openTable } from "./open-table.ts";
import { writeTable } from "./write-table.ts";

/** A column whose batches have dictionaries of their own. */
function keyed(...batches: readonly (readonly string[])[]): Table {
  const columns = batches.map((values) => columnFromArray([...values], dictionary(utf8(), int8())));
  const data = columns.flatMap((column) => [...column.data]);
  const type = columns[0]?.type as Column<unknown>["type"];
  const fields = [{ name: "k", type, nullable: true, metadata: new Map<string, string>() }];
  return new Table({ fields }, [new Column(data, type)]);
}

describe("writeTable", () => {
  test("asks for memory once, and writes every byte of what it asked for", () => {
    const asked: number[] = [];
    const memory = writeTable(sampleTable(), (bytes) => {
      asked.push(bytes);
      return { bytes: new Uint8Array(bytes + 10).fill(0xee) };
    });
    const clean = writeTable(sampleTable());
    expect(asked).toEqual([clean.bytes.length]);
    expect(memory.bytes.subarray(0, asked[0])).toEqual(clean.bytes);
    expect([...memory.bytes.subarray(asked[0])]).toEqual(Array(10).fill(0xee));
  });

  test("puts every buffer at a multiple of 64", () => {
    const memory = writeTable(sampleTable());
    const places = openTable(memory).children.flatMap(({ data }) =>
      data.flatMap((batch) => [batch.values, batch.offsets, batch.validity]),
    );
    const shown = places.filter((buffer) => buffer?.buffer === memory.bytes.buffer);
    expect(shown.length).toBeGreaterThan(TYPES.length);
    expect(shown.filter((buffer) => buffer.byteOffset % 64 !== 0)).toEqual([]);
  });

  test("writes what it opened the same again", () => {
    const memory = writeTable(sampleTable());
    expect(writeTable(openTable(memory)).bytes).toEqual(memory.bytes);
  });

  test("keeps metadata and whether a field may be null", () => {
    const table = sampleTable(TYPES.slice(0, 1));
    const [field] = table.schema.fields;
    const schema = {
      fields: [{ ...field, nullable: false, metadata: new Map([["unit", "m"]]) }],
      metadata: new Map([["origin", "test"]]),
    };
    const back = openTable(writeTable(new Table(schema as Table["schema"], table.children)));
    expect(back.schema.metadata).toEqual(new Map([["origin", "test"]]));
    expect(back.schema.fields[0]).toMatchObject({
      nullable: false,
      metadata: new Map([["unit", "m"]]),
    });
  });

  test("keeps the dictionary of each batch where they differ", () => {
    const values = [["a", "b"], ["c", "d"], ["a"]];
    const back = openTable(writeTable(keyed(...values)));
    expect([...back.getChild("k")]).toEqual(["a", "b", "c", "d", "a"]);
    expect([...openTable(writeTable(back)).getChild("k")]).toEqual(["a", "b", "c", "d", "a"]);
  });

  test("sends only what is new of a dictionary that grows", () => {
    const words = (...values: string[]) => columnFromArray(values, utf8()).data;
    const first = [...words("long enough to be seen", "b")];
    const grown = [...first, ...words("c")];
    const batches = keyed(["0", "1"], ["0", "1", "2"]).children[0]?.data ?? [];
    const sources = [first, grown].map((data, at) => ({
      ...batches[at],
      dictionary: new Column(data, utf8()),
    }));
    const { schema } = keyed(["0"]);
    const table = { schema, children: [{ data: sources }] } as unknown as Table;
    const memory = writeTable(table);
    expect([...openTable(memory).getChild("k")]).toEqual([
      "long enough to be seen",
      "b",
      "long enough to be seen",
      "b",
      "c",
    ]);
    const text = Buffer.from(memory.bytes).toString("latin1");
    expect(text.split("long enough to be seen").length).toBe(2);
  });

  test("writes dictionaries of nested values", () => {
    const inner = struct({ a: utf8(), b: list(int32()) });
    const values = [{ a: "x", b: [1] }, { a: "y", b: [] }, null, { a: "x", b: [1] }];
    const table = tableFromColumns([["d", columnFromArray(values, dictionary(inner, int8()))]]);
    expect(plain([...openTable(writeTable(table)).getChild("d")])).toEqual(values);
  });

  test("gives memory back when the table does not fit into it", () => {
    let released = 0;
    const small = { bytes: new Uint8Array(8), [Symbol.dispose]: () => (released += 1) };
    expect(() => writeTable(sampleTable(), () => small)).toThrow(RangeError);
    expect(released).toBe(1);
  });

  test("refuses what is no table", () => {
    for (const value of [{}, [], { batches: [] }, { children: 3 }]) {
      expect(() => writeTable(value as unknown as Table)).toThrow(TypeError);
    }
  });

  test("refuses types that the other language would refuse, by name", () => {
    const type = listView(int32());
    const fields = [{ name: "v", type, nullable: true, metadata: new Map<string, string>() }];
    const table = new Table({ fields }, [new Column([], type)]);
    expect(() => writeTable(table)).toThrow(/the list view type is not supported/u);
  });

  test("refuses columns that are cut at different rows", () => {
    const [one, two] = [columnFromArray([1, 2], int32()), columnFromArray([1], int32())];
    const { schema } = tableFromColumns([
      ["a", one],
      ["b", one],
    ]);
    const table = new Table(schema, [one, two]);
    expect(() => writeTable(table)).toThrow(/cut into batches at different rows/u);
  });
});
