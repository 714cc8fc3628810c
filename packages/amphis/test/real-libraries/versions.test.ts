import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { attribute, isAmphisError, openPython, type Python, type Tensor } from "amphis";
import { compareModels, discover, type LibraryModel, type SurfaceChange } from "amphis/library";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";

import { cleanEnv, temporaryFolder } from "../environment/project.ts";
import { failureOf } from "../python/opened.ts";
import { PYTHON } from "./plain.ts";

vi.setConfig({ testTimeout: 300_000 });

const run = promisify(execFile);
/** Kept between runs, so that a machine fetches each file once. */
const CACHE = fileURLToPath(
  new URL("../../../../node_modules/.cache/amphis-tools/versions", import.meta.url),
);

interface Versions {
  readonly numpy: string;
  readonly pandas: string;
}

/** Two versions of each that there are files of for the Python at hand. */
function versionsFor(python: string): { readonly old: Versions; readonly current: Versions } {
  if (python === "3.10") {
    return {
      old: { numpy: "1.26.4", pandas: "1.5.3" },
      current: { numpy: "2.2.6", pandas: "2.3.3" },
    };
  }
  return { old: { numpy: "2.1.3", pandas: "2.2.3" }, current: { numpy: "2.4.4", pandas: "3.0.0" } };
}

/** What differs between the versions. */
const DIFFERENCES = {
  texts: "str(pandas.Series(['a']).dtype)",
  append: "hasattr(pandas.DataFrame, 'append')",
  matvec: "hasattr(numpy, 'matvec')",
  grown: "repr(numpy.divmod(numpy.uint8(200), 7))",
};

/** What an interpreter says of expressions, without Amphis. */
async function said(python: string, expressions: object): Promise<unknown> {
  const script = `
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy, pandas
print(json.dumps({name: eval(each) for name, each in json.loads(sys.argv[1]).items()}))
`;
  const { stdout } = await run(python, ["-c", script, JSON.stringify(expressions)]);
  return JSON.parse(stdout);
}

const environment = { ...process.env };

afterAll(() => {
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  }
  Object.assign(process.env, environment);
});

/** A program with old versions in one pool and current ones in another; nothing where the index cannot be reached. */
async function openBoth(
  folder: string,
  old: Versions,
  current: Versions,
): Promise<Python | undefined> {
  const legacy = { pool: "legacy" };
  const config = {
    libraries: {
      numpy: { version: current.numpy },
      pandas: { version: current.pandas },
      old_numpy: { ...legacy, package: "numpy", module: "numpy", version: old.numpy },
      old_pandas: { ...legacy, package: "pandas", module: "pandas", version: old.pandas },
    },
    pools: { legacy: { workers: 1, environment: "legacy" } },
    environments: { default: {}, legacy: {} },
  };
  const file = join(folder, "amphis.config.json");
  writeFileSync(file, JSON.stringify(config));
  try {
    return await openPython({ config: file, workers: 1 });
  } catch (error) {
    if (isAmphisError(error, "ENVIRONMENT_OFFLINE")) return undefined;
    throw error;
  }
}

test("two versions of NumPy and pandas work side by side, and what changed between them is told", async ({
  skip,
}) => {
  const { stdout } = await run(PYTHON, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  const { old, current } = versionsFor(stdout.trim());
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".git"));
  const env = { ...cleanEnv(CACHE), UV_HTTP_RETRIES: "1", PIP_RETRIES: "1" };
  Object.assign(process.env, env, { CI: "" });
  const py = await openBoth(folder, old, current);
  if (py === undefined) return skip("the public package index cannot be reached");
  onTestFinished(() => py.close());

  for (const [prefix, versions, pool] of [
    ["", current, "default"],
    ["old_", old, "legacy"],
  ] as const) {
    expect(await attribute(py.import(`${prefix}numpy`), "__version__")).toBe(versions.numpy);
    expect(await attribute(py.import(`${prefix}pandas`), "__version__")).toBe(versions.pandas);
    const [python] = py
      .environments()
      .filter(({ pools }) => pools.includes(pool))
      .map((each) => each.python);
    const names = { numpy: py.import(`${prefix}numpy`), pandas: py.import(`${prefix}pandas`) };
    const told = Object.entries(DIFFERENCES).map(async ([name, code]) => [
      name,
      await py.eval(code, names),
    ]);
    expect(Object.fromEntries(await Promise.all(told))).toEqual(
      await said(python ?? "", DIFFERENCES),
    );
  }

  // Values go from one to the other. Live objects do not, nor do they take a library into the pool of its other version.
  const series = await py.import("old_pandas").Series([1, null, 3]);
  const numbers: Tensor = await series.to_numpy();
  expect(await py.import("pandas").Series(numbers).sum()).toBe(4);
  const elsewhere = await failureOf(py.import("pandas").concat([series]));
  expect(isAmphisError(elsewhere, "HANDLE_ELSEWHERE")).toBe(true);
  const gone = await failureOf(py.import("old_numpy").matvec([[1]], [1]));
  expect(isAmphisError(gone, "PYTHON_ATTRIBUTE_MISSING")).toBe(true);
  const times: Tensor = await py.import("numpy").matvec([[2.5]], [2]);
  expect(times.toNested()).toEqual([5]);

  const [after = "", before = ""] = ["default", "legacy"].map(
    (pool) => py.environments().find(({ pools }) => pools.includes(pool))?.python,
  );
  for (const name of ["numpy", "pandas"] as const) {
    const [[was], [is]] = (await Promise.all(
      [before, after].map((python) => discover([name], { python, env, cacheFolder: folder })),
    )) as [[LibraryModel], [LibraryModel]];
    const { breaking, added, from, to } = compareModels(was, is);
    expect([from, to]).toEqual([old[name], current[name]]);
    const gone = await lost(name, before, after);
    expect(breaking.length).toBeGreaterThan(0);
    await expectTold(name, namesOf(breaking, "removed"), gone, after);
    await expectTold(name, namesOf(added, "added"), await lost(name, after, before), before);
  }
});

/** All that is missing in an interpreter is told, and nothing of what it says that the library has. */
async function expectTold(
  name: string,
  told: readonly string[],
  missing: readonly string[],
  python: string,
): Promise<void> {
  expect(told).toEqual(expect.arrayContaining([...missing]));
  const { names } = (await said(python, { names: publicNames(name) })) as { names: string[] };
  expect(names.filter((each) => told.includes(`${name}.${each}`))).toEqual([]);
}

/** Names of the library itself, not those of its classes and modules. */
function namesOf(changes: readonly SurfaceChange[], kind: SurfaceChange["kind"]): string[] {
  const all = changes.filter((each) => each.kind === kind).map(({ path }) => path);
  return all.filter((path) => path.split(".").length === 2);
}

/** What a library says that it has, modules aside; in Python. */
function publicNames(name: string): string {
  return `[each for each in ${name}.__all__ if not isinstance(getattr(${name}, each), type(json))]`;
}

/** What an interpreter says that a library has, and another that it has not, without Amphis. */
async function lost(name: string, from: string, to: string): Promise<readonly string[]> {
  const { names } = (await said(from, { names: publicNames(name) })) as { names: string[] };
  const text = `[each for each in ${JSON.stringify(names)} if not hasattr(${name}, each)]`;
  const { names: gone } = (await said(to, { names: text })) as { readonly names: string[] };
  return gone.map((each) => `${name}.${each}`).sort();
}
