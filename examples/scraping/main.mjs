// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
/* A shop is read by requests and Beautiful Soup in three guarded workers; rows come as they are found. */

import { execFileSync } from "node:child_process";

import { crawl } from "./crawl.mjs";
import { openSite } from "./site.mjs";

// This repository has an environment with the libraries already, which does instead of one that would be made of what an index has.
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const prefix = execFileSync(python, ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" });
process.env["AMPHIS__ENVIRONMENTS__DEFAULT__PREFIX"] ??= prefix.trim();
process.chdir(import.meta.dirname);

const site = await openSite();

// #region open
import { isAmphisError, openPython } from "amphis";

const py = await openPython();
const path = (url) => new URL(url).pathname;
// #endregion open

// #region rows
const pages = [];
const onPage = ({ url, rows, error }) => pages.push({ path: path(url), rows, error }); // progress

const products = [];
for await (const product of crawl(py, `${site.url}/`, { onPage })) {
  products.push(product); // { kind: "product", name: "Green tea", price: 4.5, page: "http://..." }
  if (products.length === 6) site.wake(); // the slow page kept nobody waiting, and answers now
}

const byPrice = products.toSorted((one, other) => one.price - other.price);
for (const { name, price, page } of byPrice) {
  console.log(`${price.toFixed(2).padStart(5)}  ${name}, ${path(page)}`);
}
const failed = pages.filter(({ error }) => error !== undefined);
console.log(`pages  ${pages.length}, of which ${failed.length} could not be read`);
for (const page of failed.toSorted((one, other) => one.path.localeCompare(other.path))) {
  console.log(`       ${page.path}: ${page.error.type}`); // as Python calls it
}
// #endregion rows

const times = (wanted) => site.visits.filter((visit) => visit === wanted).length;
console.log(`asked  /honey ${times("/honey")} times, /private/prices ${times("/private/prices")}`);
console.log(`limit  2 requests at a time: ${site.seen.most <= 2}`);

// #region cancel
const enough = new AbortController();
const names = [];
try {
  for await (const { name } of crawl(py, `${site.url}/endless/0`, { signal: enough.signal })) {
    names.push(name);
    if (names.length === 5) enough.abort(new Error("that is enough"));
  }
} catch (error) {
  console.log(`ended  ${names.length} rows, ${error.message}`);
}

for await (const { name } of crawl(py, `${site.url}/endless/0`)) {
  console.log(`left   after ${name}`);
  break; // ends the generators in Python too
}
// #endregion cancel

// #region denied
try {
  await py.call("scraper:save", ["/tmp/prices.txt", "4.50"]);
} catch (error) {
  if (!isAmphisError(error, "POLICY_DENIED")) throw error;
  console.log(`denied ${error.rule}, ${error.event}`);
}
// #endregion denied

await py.close();
await site.close();
console.log("done");
