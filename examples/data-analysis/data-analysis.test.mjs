import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { discover, writeTypes } from "amphis/library";
import { expect, onTestFinished, test } from "vitest";

import { describeStory, printed } from "../story.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

async function temporary() {
  const folder = await mkdtemp(join(tmpdir(), "amphis-data-analysis-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * @typedef {Record<"order" | "customer" | "ordered" | "product" | "quantity" | "price", string>} Order
 * @typedef {Record<"customer" | "country", string>} Customer
 */

/** @param {string} name */
function rowsOf(name) {
  const [head = "", ...lines] = readFileSync(join(here, name), "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = [...line.matchAll(/"([^"]*)"|([^,]+)|(?<=,)(?=,|$)/gu)];
    return Object.fromEntries(
      names.map((name, at) => [name, cells[at]?.[1] ?? cells[at]?.[2] ?? ""]),
    );
  });
}

/** The month of a date in one of the three forms; nothing for what is no date. */
function monthOf(/** @type {string} */ text) {
  const dotted = /^\d\d\.(\d\d)\.(\d{4})$/u.exec(text);
  if (dotted !== null) return `${dotted[2]}-${dotted[1]}`;
  const at = new Date(`${text} UTC`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 7);
}

/** What the story should say, found without Python. */
function expected() {
  const orders = /** @type {Order[]} */ (rowsOf("orders.csv"));
  const customers = /** @type {Customer[]} */ (rowsOf("customers.csv"));
  const byOrder = new Map(orders.toReversed().map((row) => [row.order, row]));
  const rows = [...byOrder.values()].map((row) => ({ ...row, month: monthOf(row.ordered) }));
  const dated = rows.filter(({ month }) => month !== undefined);
  const usable = dated.filter(({ quantity, price }) => quantity !== "" && price !== "");
  const countryOf = new Map(customers.map((row) => [row.customer, row.country]));
  const months = new Map();
  const countries = new Map();
  for (const { month, customer, quantity, price } of usable) {
    const revenue = Number(quantity) * Number(price);
    const country = countryOf.get(customer) ?? "unknown";
    const before = months.get(month) ?? { count: 0, revenue: 0 };
    months.set(month, { count: before.count + 1, revenue: before.revenue + revenue });
    countries.set(country, (countries.get(country) ?? 0) + revenue);
  }
  return {
    dropped: {
      duplicates: orders.length - rows.length,
      undated: rows.length - dated.length,
      incomplete: dated.length - usable.length,
    },
    months: [...months].toSorted(([one], [other]) => one.localeCompare(other)),
    countries: [...countries].toSorted(([, one], [, other]) => other - one),
  };
}

/** How much of a picture is of each colour, counted by Pillow. */
const COUNT = `
import json, sys
from PIL import Image
picture = Image.open(sys.argv[1]).convert("RGB")
colours = {f"#{r:02x}{g:02x}{b:02x}": count for count, (r, g, b) in picture.getcolors(1 << 24)}
print(json.dumps({"size": picture.size, "colours": colours}))
`;

describeStory("data analysis", { modules: ["pandas", "pyarrow", "matplotlib"] }, (python) => {
  test("orders are cleaned, joined, grouped and drawn as a computation without Python says", async () => {
    const chart = join(await temporary(), "revenue.png");
    const output = await printed(new URL("main.mjs", import.meta.url), { args: [chart] });
    const { dropped, months, countries } = expected();
    expect(output.split("\n")).toEqual([
      'read      14 rows, 6 columns, gaps: {"order":0,"customer":0,"ordered":0,"product":0,"quantity":1,"price":1}',
      `left out  { duplicates: ${dropped.duplicates}, undated: ${dropped.undated}, incomplete: ${dropped.incomplete} }`,
      ...months.map(
        ([month, { count, revenue }]) =>
          `month     ${month}: ${count} orders, ${revenue.toFixed(2)}`,
      ),
      ...countries.map(([country, revenue]) => `country   ${country}: ${revenue.toFixed(2)}`),
      expect.stringMatching(/^drawn {5}[1-9]\d* bytes: .*revenue\.png$/u),
      "refused   unknown_quantty; there is unknown_quantity",
      "released  Cannot use pandas.DataFrame: it was released",
      "in Python KeyError 'produkt' at .groupby(\"produkt\")",
      "done",
      "",
    ]);

    const counted = JSON.parse((await run(python, ["-c", COUNT, chart])).stdout);
    expect(counted.size).toEqual([600, 400]);
    const areas = ["#1b9e77", "#d95f02", "#7570b3", "#e7298a"].map((hex) => counted.colours[hex]);
    const [, most] = countries[0] ?? [];
    countries.forEach(([, revenue], at) => {
      expect(areas[at] / areas[0]).toBeCloseTo(revenue / most, 1); // bars are as long as they should be
    });
  }, 240_000);

  test("the typed program compiles against the declarations, and what is wrong in it does not", async () => {
    const folder = await temporary();
    const path = [join(here, "python")];
    const models = [
      ...(await discover(["builtins", "pandas"])),
      ...(await discover(["orders"], { path })),
    ];
    const aliases = { pd: "pandas" };
    await writeTypes(models, { folder: join(folder, "python-types"), aliases });
    await copyFile(join(here, "typed.ts"), join(folder, "typed.ts"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const compilerOptions = {
      target: "ES2023",
      lib: ["ES2023", "ESNext.Disposable"],
      module: "NodeNext",
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    };
    const include = ["typed.ts", "python-types"];
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const tsc = join(root, "node_modules/typescript/lib/tsc.js");
    const { stdout } = await run(process.execPath, [tsc, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
    expect(await readFile(join(folder, "python-types/orders.d.ts"), "utf8")).toContain("clean(");
  }, 240_000);
});
