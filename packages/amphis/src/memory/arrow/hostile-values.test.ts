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
import { describe, expect, test } from "vitest";

import { plain, sampleTable } from "../../../test/arrow/sample.ts";
import { openTable } from "./open-table.ts";
import { writeTable } from "./write-table.ts";

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
    const replaced = changed(utf8(), ["\u{fffd}", "cd"], () => undefined);
    expect(replaced()).toEqual(["\u{fffd}", "cd"]);
  });

  test("lists that were proven once do not change any more", () => {
    const opened = openTable(writeTable(sampleTable([["l", list(int32()), [[1], [2, 3]]]])));
    const column = opened.getChild("l");
    expect(plain(column.at(1))).toEqual([2, 3]);
    const [batch] = column.data as [Batch<unknown>];
    batch.offsets[1] = 1 << 30;
    expect(plain(column.at(0))).toEqual([1]);
  });
});
