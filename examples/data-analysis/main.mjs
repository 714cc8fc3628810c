// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
/* Orders with all that is wrong in such files: read, cleaned, joined, grouped and drawn by pandas and Matplotlib. */

import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { discover } from "amphis/library";

// This repository has an environment with the libraries already, which does instead of one that would be made of what an index has.
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const prefix = execFileSync(python, ["-c", "import sys; print(sys.prefix)"]).toString().trim();
const environment = (process.env["AMPHIS__ENVIRONMENTS__DEFAULT__PREFIX"] ??= prefix);
const chart = resolve(
  process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "amphis-")), "revenue.png"),
);
process.chdir(import.meta.dirname);

// What `npx amphis types` does first, so that calls of the project's own functions can be checked.
const ours = { python: join(environment, "bin", "python"), path: [resolve("python")] };
await discover(["orders"], ours);

// #region open
import { fetch, isAmphisError, keep, kw, openPython, release, Tuple } from "amphis";

const py = await openPython({ checks: true }); // finds amphis.config.ts
const pd = await py.import("pd"); // an alias of the configuration
const own = await py.import("orders");
// #endregion open

// #region read
const raw = await pd.read_csv("orders.csv"); // a live object: the table stays in Python
const [rows, columns] = await raw.shape;
const gaps = await fetch(raw.isna().sum().to_dict());
console.log(`read      ${rows} rows, ${columns} columns, gaps: ${JSON.stringify(gaps)}`);
// #endregion read

// #region clean
const [orders, dropped] = await own.clean(raw); // a tuple: a live object, and plain fields
console.log("left out ", dropped);
release(raw); // Python may forget it
// #endregion clean

// #region group
const months = await orders
  .groupby(orders.ordered.dt.strftime("%Y-%m").rename("month"))
  .agg(kw({ orders: Tuple.of("order", "count"), revenue: Tuple.of("revenue", "sum") }))
  .reset_index()
  .toArrow();
for (const { month, orders: count, revenue } of months) {
  console.log(`month     ${month}: ${count} orders, ${revenue.toFixed(2)}`);
}
// #endregion group

// #region join
const countries = await orders
  .merge(pd.read_csv("customers.csv"), kw({ on: "customer", how: "left", validate: "many_to_one" }))
  .fillna(kw({ value: { country: "unknown" } }))
  .groupby("country", kw({ as_index: false }))
  .agg(kw({ revenue: Tuple.of("revenue", "sum") }))
  .sort_values("revenue", kw({ ascending: false }))
  .toArrow();
const names = countries.getChild("country").toArray();
const revenues = countries.getChild("revenue").toArray(); // a Float64Array over shared memory
names.forEach((name, at) => console.log(`country   ${name}: ${revenues[at].toFixed(2)}`));
// #endregion join

// #region chart
const plt = await py.import("matplotlib.pyplot");
const [figure, axes] = await plt.subplots(kw({ figsize: Tuple.of(6, 4) }));
await axes.bar(names, revenues, kw({ color: ["#1b9e77", "#d95f02", "#7570b3", "#e7298a"] }));
await axes.set(kw({ title: "Revenue by country", ylabel: "EUR" }));

const file = await keep(py.import("io").BytesIO());
await figure.savefig(file, kw({ format: "png", dpi: 100 }));
const png = await file.getvalue(); // a Uint8Array
await plt.close(figure);
for (const object of [figure, axes, file, orders]) release(object);

await writeFile(chart, png);
console.log(`drawn     ${png.length} bytes: ${chart}`);
// #endregion chart

// #region wrong
try {
  await own.clean(pd.read_csv("orders.csv"), kw({ unknown_quantty: 1 })); // the file is not even read
} catch (error) {
  if (!isAmphisError(error, "CALL_INVALID")) throw error;
  console.log(`refused   ${error.argument}; there is ${error.suggestions.join()}`);
}
// #endregion wrong

// #region gone
try {
  await raw.head();
} catch (error) {
  if (!isAmphisError(error, "HANDLE_GONE")) throw error;
  console.log("released ", error.message);
}
// #endregion gone

// #region column
const again = await pd.read_csv("orders.csv");
try {
  await again.groupby("produkt").size();
} catch (error) {
  if (!isAmphisError(error)) throw error;
  console.log("in Python", error.type, error.text, "at", error.link);
}
// #endregion column

await py.close();
console.log("done");
