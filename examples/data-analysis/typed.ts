/* The same libraries with their declarations, as `npx amphis types` writes them. A test compiles this. */

import { type ArrowTable, kw, openPython, Tuple } from "amphis";

const py = await openPython();
const pd = await py.import("pd");
const orders = await py.import("orders");

// #region right
const raw = await pd.read_csv("orders.csv", kw({ nrows: 100 })); // a DataFrame that stays in Python
const top: ArrowTable = await raw
  .groupby("product", kw({ as_index: false }))
  .agg(kw({ ordered: Tuple.of("quantity", "sum") }))
  .sort_values("ordered", kw({ ascending: false }))
  .head(3)
  .toArrow();
const [clean, dropped] = await orders.clean(raw, kw({ unknown_quantity: 1 })); // a DataFrame, and plain fields
const first: ArrowTable = await clean.head(3).toArrow();
const duplicates: number = dropped.duplicates;
// #endregion right

// #region wrong
// @ts-expect-error a name that there is not
await pd.read_cvs("orders.csv");
// @ts-expect-error a keyword argument that there is not
await pd.read_csv("orders.csv", kw({ seperator: ";" }));
// @ts-expect-error a number is expected
await orders.clean(raw, kw({ unknown_quantity: "1" }));
// @ts-expect-error a method that a DataFrame has not
await clean.heda(3);
// @ts-expect-error a field that there is not
console.log(dropped.duplicate);
// #endregion wrong

console.log(top.numRows, first.numRows, duplicates);
