import {
  type ArrowTable,
  Decimal,
  fetch,
  isAmphisError,
  isPython,
  keep,
  kw,
  type Tensor,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { columns, exact, story } from "./story.ts";

const TRIPS = {
  city: ["Ulm", "Køge", "Ulm", "東京", null],
  km: [3.5, 12, null, 7.25, 1],
  riders: [1n, 2n ** 53n + 1n, 4n, null, 2n],
};

story("polars", (polars) => {
  polars.same(
    "a lazy query is built from expressions, optimised and collected as in Python",
    `
import polars as pl
trips = pl.DataFrame({
    "city": ["Ulm", "Køge", "Ulm", "東京", None], "km": [3.5, 12, None, 7.25, 1], "riders": [1, 2**53 + 1, 4, None, 2],
}, strict=False)
query = (
    trips.lazy().filter(pl.col("riders").is_not_null()).group_by("city")
    .agg(pl.col("km").sum().alias("km"), pl.len().alias("trips"))
    .with_columns((pl.col("km") * 2).alias("twice")).sort("km", descending=True)
)
frame = query.collect()
result = {
    "rows": [list(row) for row in frame.rows()], "columns": frame.columns, "shape": frame.shape,
    "table": frame.to_dict(as_series=False), "riders": trips["riders"].to_list(),
    "live": True, "plan": "FILTER" in query.explain(),
}
`,
    async (py) => {
      const pl = await py.import("polars");
      const trips = await pl.DataFrame(TRIPS, kw({ strict: false }));
      const query = await trips
        .lazy()
        .filter(pl.col("riders").is_not_null())
        .group_by("city")
        .agg(pl.col("km").sum().alias("km"), pl.len().alias("trips"))
        .with_columns(pl.col("km").mul(2).alias("twice"))
        .sort("km", kw({ descending: true }));
      const frame = await query.collect();
      return {
        rows: (await frame.rows()).map((row: readonly unknown[]) => [...row]),
        columns: await frame.columns,
        shape: [...(await frame.shape)],
        table: columns(await query.toArrow()),
        riders: exact(await trips.get_column("riders").to_list()),
        live: isPython(query),
        plan: (await query.explain()).includes("FILTER"),
      };
    },
  );

  polars.same(
    "columns of every kind have their values as tables: lists, structures, categories, decimals, zones",
    `
import datetime as dt, decimal, polars as pl
frame = pl.DataFrame({
    "list": [[1, 2], None, []], "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": "z"}],
    "category": ["b", None, "a"], "decimal": [decimal.Decimal("1.10"), None, decimal.Decimal("-20.25")],
    "day": [dt.date(2024, 2, 29), None, dt.date(1969, 12, 31)],
    "moment": [dt.datetime(2024, 3, 31, 1, 30, tzinfo=dt.timezone.utc), None, dt.datetime(1960, 1, 1, tzinfo=dt.timezone.utc)],
    "bytes": [b"\\x00\\xff", None, b""], "real": [float("nan"), None, float("inf")],
    "clock": [dt.time(23, 59, 59, 999999), None, dt.time(0)],
}, schema_overrides={"category": pl.Categorical, "list": pl.List(pl.Int16)})
def values(name, plain):
    return [None if each is None else plain(each) for each in frame[name]]
epoch = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
result = {
    "list": values("list", list), "struct": values("struct", dict), "category": values("category", str),
    "decimal": values("decimal", lambda each: int(each * 100)),
    "day": values("day", lambda each: (each - epoch.date()).days * 86400000),
    "moment": values("moment", lambda each: (each - epoch) // dt.timedelta(microseconds=1)),
    "bytes": values("bytes", bytes.hex), "real": values("real", float), "clock": values("clock", str),
}
`,
    async (py) => {
      const [pl, dt] = [await py.import("polars"), await py.import("datetime")];
      const schema_overrides = { category: pl.Categorical, list: pl.List(pl.Int16) };
      const frame = await pl.DataFrame(
        {
          list: [[1, 2], null, []],
          struct: [{ a: 1, b: "x" }, null, { a: null, b: "z" }],
          category: ["b", null, "a"],
          decimal: [new Decimal("1.10"), null, new Decimal("-20.25")],
          day: [dt.date(2024, 2, 29), null, dt.date(1969, 12, 31)],
          moment: [new Date("2024-03-31T01:30Z"), null, new Date("1960-01-01T00:00Z")],
          bytes: [Uint8Array.of(0, 255), null, new Uint8Array()],
          real: [NaN, null, Infinity],
          clock: [dt.time(23, 59, 59, 999999), null, dt.time(0)],
        },
        kw({ schema_overrides }),
      );
      const { bytes, list, ...others } = columns(await frame.toArrow());
      const hex = (each: unknown): unknown => each && Buffer.from(each as never).toString("hex");
      const numbers = (each: unknown): unknown => each && Array.from(each as never);
      const clocks = await frame.get_column("clock").to_list();
      return {
        ...others,
        list: (list as unknown[]).map(numbers),
        bytes: (bytes as unknown[]).map(hex),
        clock: clocks.map((each: object | null) => each && String(each)),
      };
    },
  );

  polars.same(
    "functions of TypeScript map values, and tables of it become frames",
    `
import polars as pl
names = pl.Series(["ada", "zoë"]).map_elements(str.title, return_dtype=pl.String)
frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})
joined = frame.join(pl.DataFrame({"b": ["x", "z"], "c": [True, False]}), on="b", how="left")
result = {
    "names": names.to_list(), "joined": joined.to_dict(as_series=False), "mean": frame["a"].mean(),
    "empty": [frame.clear().height, frame.columns], "numbers": frame["a"].to_list(),
}
`,
    async (py) => {
      const pl = await py.import("polars");
      const title = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
      const names = pl.Series(["ada", "zoë"]).map_elements(title, kw({ return_dtype: pl.String }));
      const table: ArrowTable = await pl.DataFrame({ a: [1, 2, 3], b: ["x", null, "z"] }).toArrow();
      const frame = await keep(pl.from_arrow(table));
      const other = pl.DataFrame({ b: ["x", "z"], c: [true, false] });
      const empty: ArrowTable = await frame.clear().toArrow();
      return {
        names: await names.to_list(),
        joined: columns(await frame.join(other, kw({ on: "b", how: "left" })).toArrow()),
        mean: await frame.get_column("a").mean(),
        empty: [empty.numRows, empty.names],
        numbers: exact((await fetch<Tensor>(frame.get_column("a"))).toNested()),
      };
    },
  );

  test("errors of Polars have their exceptions, and name the step and what is near", async () => {
    const pl = await polars.py.import("polars");
    const trips = await pl.DataFrame(TRIPS, kw({ strict: false }));
    const column = await rejection(trips.lazy().select(pl.col("kms")).collect());
    if (!isAmphisError(column, "PYTHON_ERROR")) throw column;
    expect(column).toMatchObject({ type: "ColumnNotFoundError", link: ".collect()" });
    expect(column.module).toMatch(/^polars/u);
    const shape = await rejection(pl.DataFrame({ a: [1, 2], b: [1] }));
    expect(shape).toMatchObject({ code: "SHAPE_MISMATCH", type: "ShapeError" });
    const kind = await rejection(trips.select(pl.col("city").sin()));
    expect(isAmphisError(kind) && kind.context).toMatchObject({ type: "InvalidOperationError" });
  });
});
