import {
  and,
  type ArrowTable,
  Decimal,
  fetch,
  gt,
  isAmphisError,
  isPython,
  item,
  keep,
  kw,
  len,
  type Python,
  type PyChain,
  type PyObject,
  setItem,
  type Tensor,
  Tuple,
  typeOf,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { columns, exact, story } from "./story.ts";

const SALES = `region,sold,revenue,units
north,2024-01-03,10.5,3
südost,2024-01-04,,1
north,2024-02-10,7.25,
"west, far",2024-02-11,0.5,9007199254740993
`;

/** The sales, as a chain. */
function read(py: Python, columnTypes: object = {}): PyChain<PyObject> {
  const file = py.import("io").StringIO(SALES);
  return py.import("pandas").read_csv(file, kw({ parse_dates: ["sold"], dtype: columnTypes }));
}

/** A column of every kind, each with a gap. */
async function everyKind(py: Python): Promise<PyObject> {
  const pd = await py.import("pandas");
  const moments = pd.to_datetime(["2024-03-31 01:30", null, "2024-10-27 02:30"]);
  const texts = ["2024-02-29 12:00:00.000001", null, "1969-12-31"];
  return pd.DataFrame({
    nullable: pd.array([1, null, 2n ** 53n + 1n], kw({ dtype: "Int64" })),
    category: pd.Categorical(["b", null, "a"], kw({ categories: ["a", "b", "c"] })),
    zone: moments.tz_localize("UTC").tz_convert("Europe/Berlin"),
    naive: pd.to_datetime(texts, kw({ format: "ISO8601" })),
    span: pd.to_timedelta(["1 days 00:00:00.5", null, "-1 h"]),
    decimal: [new Decimal("1.10"), null, new Decimal("-20.25")],
    text: ["ä", null, "日本🐍"],
    bytes: [Uint8Array.of(0, 255), null, new Uint8Array()],
    flag: pd.array([true, null, false], kw({ dtype: "boolean" })),
    real: [NaN, null, 1.5],
  });
}

const EVERY_KIND = `
import decimal, pandas as pd
moments = pd.to_datetime(["2024-03-31 01:30", None, "2024-10-27 02:30"])
frame = pd.DataFrame({
    "nullable": pd.array([1, None, 2**53 + 1], dtype="Int64"),
    "category": pd.Categorical(["b", None, "a"], categories=["a", "b", "c"]),
    "zone": moments.tz_localize("UTC").tz_convert("Europe/Berlin"),
    "naive": pd.to_datetime(["2024-02-29 12:00:00.000001", None, "1969-12-31"], format="ISO8601"),
    "span": pd.to_timedelta(["1 days 00:00:00.5", None, "-1 h"]),
    "decimal": [decimal.Decimal("1.10"), None, decimal.Decimal("-20.25")],
    "text": ["ä", None, "日本🐍"],
    "bytes": [b"\\x00\\xff", None, b""],
    "flag": pd.array([True, None, False], dtype="boolean"),
    "real": [float("nan"), None, 1.5],
})
`;

story(
  "pandas",
  (pandas) => {
    pandas.same(
      "a file is read, filtered, grouped and sorted as in Python",
      `
import io, pandas as pd
frame = pd.read_csv(io.StringIO(sales), parse_dates=["sold"])
top = (
    frame.groupby("region").agg(revenue=("revenue", "sum"), sales=("region", "size"))
    .sort_values("revenue", ascending=False).reset_index()
)
result = {
    "shape": frame.shape, "top": top.to_dict("list"),
    "north": frame[(frame["region"] == "north") & (frame["revenue"] > 8)]["revenue"],
    "months": frame.groupby(frame["sold"].dt.month)["revenue"].mean(),
    "median": frame["revenue"].median(), "missing": frame.isna().sum().to_dict(),
    "filled": frame["revenue"].fillna(0), "length": len(frame),
}
`,
      async (py) => {
        const frame = await read(py);
        const top: ArrowTable = await frame
          .groupby("region")
          .agg(kw({ revenue: Tuple.of("revenue", "sum"), sales: Tuple.of("region", "size") }))
          .sort_values("revenue", kw({ ascending: false }))
          .reset_index()
          .toArrow();
        const high = and(item(frame, "region").eq("north"), gt(frame.revenue, 8));
        const filled = await fetch<Tensor>(frame.revenue.fillna(0));
        return {
          shape: [...(await frame.shape)],
          top: columns(top),
          north: await item(item(frame, high), "revenue").tolist(),
          months: await item(frame.groupby(frame.sold.dt.month), "revenue").mean().tolist(),
          median: await frame.revenue.median(),
          missing: await frame.isna().sum().to_dict(),
          filled: filled.toNested(),
          length: await len(frame),
        };
      },
    );

    pandas.same(
      "columns of every kind have their values as tables: nullable, categories, zones, decimals, bytes",
      `${EVERY_KIND}
def values(name, plain):
    return [None if pd.isna(each) else plain(each) for each in frame[name]]
def micro(each):
    return each.value // 1000
result = {
    "nullable": values("nullable", int), "category": values("category", str),
    "zone": values("zone", micro), "naive": values("naive", micro), "span": values("span", micro),
    "decimal": values("decimal", lambda each: int(each * 100)), "text": values("text", str),
    "bytes": values("bytes", bytes.hex), "flag": values("flag", bool), "real": values("real", float),
}
`,
      async (py) => {
        const { bytes, ...others } = columns(await (await everyKind(py)).toArrow());
        const hex = (each: unknown): unknown => each && Buffer.from(each as never).toString("hex");
        return { ...others, bytes: (bytes as unknown[]).map(hex) };
      },
    );

    pandas.same(
      "rows of every kind have their values as objects, times with their zones",
      `${EVERY_KIND}
row = frame.iloc[2]
result = {
    "nullable": row["nullable"], "category": row["category"],
    "zone": row["zone"].tz_convert("UTC").isoformat(), "naive": row["naive"].isoformat(),
    "span": row["span"].total_seconds(), "decimal": str(row["decimal"]), "text": row["text"],
    "bytes": list(row["bytes"]), "flag": row["flag"], "real": row["real"],
    "gaps": [None if each is pd.NaT or each is pd.NA else each for each in frame.iloc[1][["nullable", "zone", "span", "flag", "real"]]],
    "local": frame["zone"].dt.tz_localize(None)[0].isoformat(),
}
`,
      async (py) => {
        const frame = await everyKind(py);
        const row = await item(frame.iloc, 2).to_dict();
        const gaps = item(item(frame.iloc, 1), ["nullable", "zone", "span", "flag", "real"]);
        return {
          ...row,
          zone: (row.zone as Date).toISOString().replace(".000Z", "+00:00"),
          naive: String(row.naive),
          span: row.span.seconds,
          decimal: String(row.decimal),
          bytes: [...row.bytes],
          gaps: await gaps.tolist(),
          local: String(await item(frame.zone.dt.tz_localize(null), 0)),
        };
      },
    );

    pandas.same(
      "integers stay exact where the column is told to hold gaps, and lose digits where Python loses them",
      `
import io, pandas as pd
def units(**kinds):
    return pd.read_csv(io.StringIO(sales), **kinds)["units"]
result = {
    "real": [None if each != each else each for each in units()],
    "exact": [None if each is pd.NA else each for each in units(dtype={"units": "Int64"})],
    "sum": units(dtype={"units": "Int64"}).sum(),
}
`,
      async (py) => ({
        real: columns(await item(read(py), ["units"]).toArrow())["units"],
        exact: exact(await read(py, { units: "Int64" }).units.tolist()),
        sum: await read(py, { units: "Int64" }).units.sum(),
      }),
    );

    pandas.same(
      "frames without rows or columns, with several headings and with numbers as names are tables",
      `
import pandas as pd
wide = pd.DataFrame({"k": ["a", "a", "b"], "c": [1, 2, 1], "v": [1.5, 2.5, 3.5]}).pivot(index="k", columns="c", values="v")
result = {
    "none": [0, []], "rows": [0, ["a", "b"]], "many": 2,
    "wide": [[None if each != each else each for each in row] for row in wide.to_numpy().tolist()],
    "names": [str(name) for name in wide.columns],
}
`,
      async (py) => {
        const pd = await py.import("pandas");
        const shape = ({ numRows, names }: ArrowTable): unknown => [numRows, names];
        const rows = { k: ["a", "a", "b"], c: [1, 2, 1], v: [1.5, 2.5, 3.5] };
        const wide = pd.DataFrame(rows).pivot(kw({ index: "k", columns: "c", values: "v" }));
        const many = pd
          .DataFrame(rows)
          .groupby("k")
          .agg({ v: ["min", "max"] });
        const table: ArrowTable = await wide.reset_index(kw({ drop: true })).toArrow();
        return {
          none: shape(await pd.DataFrame().toArrow()),
          rows: shape(await pd.DataFrame({ a: [], b: [] }).toArrow()),
          many: (await many.toArrow()).numRows,
          wide: table.toArray().map((row) => table.names.map((name) => row[name])),
          names: table.names,
        };
      },
    );

    pandas.same(
      "functions of TypeScript are applied to values, rows and groups",
      `
import io, pandas as pd
frame = pd.read_csv(io.StringIO(sales))
result = {
    "upper": frame["region"].map(lambda text: text.upper()).tolist(),
    "ranges": frame.groupby("region")["revenue"].agg(lambda group: len(group) * 1.5).to_dict(),
    "piped": int(frame.pipe(lambda whole: len(whole))),
    "added": (frame["revenue"] * 2).fillna(-1).tolist(),
}
`,
      async (py) => {
        const frame = await keep(read(py));
        await setItem(frame, "twice", frame.revenue.mul(2));
        return {
          upper: await frame.region.map((text: string) => text.toUpperCase()).tolist(),
          ranges: await item(frame.groupby("region"), "revenue")
            .agg(async (group: PyChain) => (await len(group)) * 1.5)
            .to_dict(),
          piped: await frame.pipe((whole: PyChain) => len(whole)),
          added: await item(frame, "twice").fillna(-1).tolist(),
        };
      },
    );

    test("errors of pandas have their exceptions, and name the step", async () => {
      const { py } = pandas;
      const missing = await rejection(read(py).groupby("regin").sum());
      if (!isAmphisError(missing, "PYTHON_ERROR")) throw missing;
      expect(missing).toMatchObject({ type: "KeyError", link: '.groupby("regin")' });
      const parse = await rejection(fetch(read(py, { region: "float64" })));
      if (!isAmphisError(parse, "PYTHON_ERROR")) throw parse;
      expect(parse).toMatchObject({ type: "ValueError", text: expect.stringContaining("north") });
      const attribute = await rejection(read(py).gruopby("region"));
      if (!isAmphisError(attribute, "PYTHON_ATTRIBUTE_MISSING")) throw attribute;
      expect(attribute.suggestions).toContain("groupby");
      const both = { left_on: "region", right_on: "nothing" };
      const merge = await rejection(read(py).merge(read(py), kw(both)));
      expect(merge).toMatchObject({ code: "PYTHON_ERROR", type: "KeyError" });
    });

    test("frames and series are live objects until they are fetched", async () => {
      const frame = await read(pandas.py);
      expect(isPython(frame) && typeOf(frame)).toMatch(/^pandas\..*\bDataFrame$/u);
      const series = await frame.revenue;
      expect(isPython(series)).toBe(true);
      expect((await fetch<ArrowTable>(frame)).names).toEqual([
        "region",
        "sold",
        "revenue",
        "units",
      ]);
    });
  },
  { given: () => Promise.resolve({ sales: SALES }) },
);
