import { type ArrowTable, Decimal, fetch, isAmphisError, kw, type Tensor, Tuple } from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { columns, exact, story } from "./story.ts";

story("pyarrow", (pyarrow) => {
  pyarrow.same(
    "a table is computed on, written as Parquet, read back in part and grouped as in Python",
    `
import io, pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
table = pa.table({"item": ["tea", "salt", "tea", None], "price": [3.5, 0.8, None, 4.0], "sold": [1, 2**53 + 1, 3, 4]})
file = io.BytesIO()
pq.write_table(table, file, compression="zstd")
back = pq.read_table(io.BytesIO(file.getvalue()), columns=["item", "price"], filters=[("sold", "<", 10)])
means = table.group_by("item").aggregate([("price", "mean"), ("sold", "sum")]).sort_by("item")
result = {
    "back": back.to_pydict(), "means": means.to_pydict(), "total": pc.sum(table["sold"]).as_py(),
    "magic": file.getvalue()[:4].decode(), "schema": [str(field.type) for field in table.schema],
    "counts": [[each["values"], each["counts"]] for each in pc.value_counts(table["item"]).to_pylist()],
}
`,
    async (py) => {
      const pa = await py.import("pyarrow");
      const [pc, pq] = [await py.import("pyarrow.compute"), await py.import("pyarrow.parquet")];
      const table: ArrowTable = await pa.table({
        item: ["tea", "salt", "tea", null],
        price: [3.5, 0.8, null, 4],
        sold: [1, 2n ** 53n + 1n, 3, 4],
      });
      const file = await py.import("io").BytesIO();
      await pq.write_table(table, file, kw({ compression: "zstd" }));
      const bytes: Uint8Array = await file.getvalue();
      const part = { columns: ["item", "price"], filters: [Tuple.of("sold", "<", 10)] };
      const back = await pq.read_table(py.import("io").BytesIO(bytes), kw(part));
      const lines = pa.table(table).group_by("item");
      const sums = [Tuple.of("price", "mean"), Tuple.of("sold", "sum")];
      const means = await lines.aggregate(sums).sort_by("item");
      const counts = await pc.value_counts(pa.table(table).column("item")).to_pylist();
      return {
        back: columns(back),
        means: columns(means),
        total: await pc.sum(pa.table(table).column("sold")).as_py(),
        magic: Buffer.from(bytes.subarray(0, 4)).toString(),
        schema: await py.eval("[str(field.type) for field in table.schema]", { table }),
        counts: counts.map((each: { values: unknown; counts: unknown }) => [
          each.values,
          each.counts,
        ]),
      };
    },
  );

  pyarrow.same(
    "columns of every type have their values: dictionaries, lists, structures, decimals, chunks, slices",
    `
import decimal, pyarrow as pa
table = pa.table({
    "dictionary": pa.array(["b", None, "a", "b"]).dictionary_encode(),
    "list": pa.array([[1], None, [], [2, 3]], pa.list_(pa.int8())),
    "struct": pa.array([{"a": 1}, None, {"a": None}, {"a": 4}]),
    "decimal": pa.array([decimal.Decimal("1.10"), None, decimal.Decimal("-20.25"), decimal.Decimal(0)], pa.decimal128(9, 2)),
    "large": pa.array(["ä", None, "", "日本"], pa.large_string()),
    "u64": pa.array([2**64 - 1, None, 0, 1], pa.uint64()),
    "half": pa.array([0.5, None, 1.5, -2.0], pa.float32()),
    "bits": pa.array([True, None, False, True]), "null": pa.nulls(4),
})
twice = pa.concat_tables([table, table.slice(1, 2)])
result = {
    **{name: twice[name].to_pylist() for name in twice.column_names if name != "decimal"},
    "decimal": [None if each is None else int(each * 100) for each in twice["decimal"].to_pylist()],
    "chunks": twice["list"].num_chunks,
}
`,
    async (py) => {
      const pa = await py.import("pyarrow");
      const prices = ["1.10", null, "-20.25", "0"].map((text) => text && new Decimal(text));
      const table = pa.table({
        dictionary: pa.array(["b", null, "a", "b"]).dictionary_encode(),
        list: pa.array([[1], null, [], [2, 3]], pa.list_(pa.int8())),
        struct: pa.array([{ a: 1 }, null, { a: null }, { a: 4 }]),
        decimal: pa.array(prices, pa.decimal128(9, 2)),
        large: pa.array(["ä", null, "", "日本"], pa.large_string()),
        u64: pa.array([2n ** 64n - 1n, null, 0, 1], pa.uint64()),
        half: pa.array([0.5, null, 1.5, -2], pa.float32()),
        bits: pa.array([true, null, false, true]),
        null: pa.nulls(4),
      });
      const twice = pa.concat_tables([table, table.slice(1, 2)]);
      const { list, ...others } = columns(await twice);
      return {
        ...others,
        list: (list as unknown[]).map((each) => each && Array.from(each as never)),
        chunks: await twice.column("list").num_chunks,
      };
    },
  );

  pyarrow.same(
    "arrays without gaps are arrays, and go on in NumPy",
    `
import numpy as np, pyarrow as pa
array = pa.array([1.5, 2.5, float("nan")])
result = {"array": array.to_pylist(), "log": np.log(array.to_numpy()[:2]), "batch": [3, ["n"]], "filled": pa.array([1, None]).fill_null(0).to_pylist()}
`,
    async (py) => {
      const pa = await py.import("pyarrow");
      const array = await pa.array(new Float64Array([1.5, 2.5, NaN]));
      const numbers: Tensor = await array.slice(0, 2).to_numpy();
      const names = kw({ names: ["n"] });
      const batch: ArrowTable = await pa.record_batch([new Int32Array([1, 2, 3])], names);
      const filled = pa.array([1, null]).fill_null(0);
      return {
        array: await array.to_pylist(),
        log: (await py.import("numpy").log(numbers)).toNested(),
        batch: [batch.numRows, batch.names],
        filled: exact(await filled.to_pylist()),
      };
    },
  );

  test("errors of pyarrow have their exceptions", async () => {
    const pa = await pyarrow.py.import("pyarrow");
    const mixed = await rejection(pa.array([1, "two"]));
    expect(mixed).toMatchObject({ type: "ArrowInvalid" });
    const cast = await rejection(pa.array(["x"]).cast(pa.int32()));
    expect(cast).toMatchObject({ type: "ArrowInvalid", link: expect.stringMatching(/^\.cast\(/u) });
    const lengths = await rejection(pa.table({ a: [1], b: [1, 2] }));
    expect(lengths).toMatchObject({ type: "ArrowInvalid" });
    const name = await rejection(pa.table({ a: [1] }).column("b"));
    if (!isAmphisError(name)) throw name;
    expect(name.context).toMatchObject({ type: "KeyError" });
    expect(await fetch(pa.table({ a: [1] }).num_rows)).toBe(1);
  });
});
