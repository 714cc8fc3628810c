import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { compile } from "./compile.ts";
import { Project } from "./project.ts";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = `
class Model: ...
def fit(rows: list[float]) -> Model: ...
def score(rows: list[float]) -> float:
    """Tell how well it fits."""
`;
const SECOND = `
class Model: ...
def fit(rows: list[float], tolerance: float) -> Model: ...
def rank(rows: list[float]) -> list[int]:
    """Tell how well each fits."""
`;

const PROGRAM = `
import { openPython } from "amphis";
const py = await openPython();
const [one, two] = [py.import("learn1"), py.import("newer")];
const score: number = await one.score([1]);
const ranks: number[] = await two.rank([1]);
await one.fit([1]);
await two.fit([1], 0.5);
// The name of the module is that of the library which is configured first.
const same: number = await py.import("learn").score([1]);
const half: number = await py.import("own").half(3);
// @ts-expect-error it is new in the other version
await one.rank([1]);
// @ts-expect-error it is gone in this version
await two.score([1]);
// @ts-expect-error this version needs more
await two.fit([1]);
export { half, ranks, same, score };
`;

/** One library in two versions, in two environments. */
function twoVersions(): Project {
  const project = new Project();
  project.publish("learn", "1.0", FIRST);
  project.publish("learn", "2.0", SECOND);
  project.write("python/own.py", "def half(number: float) -> float:\n    return number / 2\n");
  const libraries = {
    learn1: { package: "learn", module: "learn", version: "==1.0" },
    learn2: {
      package: "learn",
      module: "learn",
      version: "==2.0",
      alias: "newer",
      pool: "next",
    },
    own: {},
  };
  const pools = { default: { path: "python" }, next: { environment: "next" } };
  project.configure(libraries, ["default", "next"], { pools });
  return project;
}

test("two versions of a library, in two environments, have the types that each has", async () => {
  const project = twoVersions();
  const { folder } = project;
  const written = await project.amphis(["types"]);
  expect(written).toMatchObject({ status: 0 });
  expect(written.stdout).toMatch(/^written {2}learn +1\.0$/mu);
  expect(written.stdout).toMatch(/^written {2}learn +2\.0 of next$/mu);
  const index = readFileSync(join(folder, "python-types/index.d.ts"), "utf8");
  expect(index).toContain('/// <reference path="./next/index.d.ts" />');
  expect(await compile(folder, PROGRAM)).toEqual([]);

  const [kept, part] = await Promise.all([
    project.amphis(["types", "--check"]),
    project.amphis(["types", "--check", "--json", "-e", "next"]),
  ]);
  expect(kept).toMatchObject({ status: 0, stdout: "python-types is up to date\n" });
  expect((JSON.parse(part.stdout) as { unchanged: readonly string[] }).unchanged).toEqual([
    "next/builtins.d.ts",
    "next/learn.d.ts",
    "next/index.d.ts",
  ]);
  rmSync(join(folder, "python-types/next/learn.d.ts"));
  const missing = await project.amphis(["types", "--check"]);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain("is out of date: next/learn.d.ts;");

  const [first, second, searched, other, unknown] = await Promise.all([
    project.amphis(["help", "learn.score"]),
    project.amphis(["help", "newer.rank"]),
    project.amphis(["search", "how well", "--json"]),
    project.amphis(["help", "learn.rank", "-e", "next"]),
    project.amphis(["help", "learn.rank", "-e", "nxt"]),
  ]);
  expect(first.stdout).toContain("function of learn 1.0");
  expect(second.stdout).toContain("function of learn 2.0");
  expect(other.stdout).toContain("function of learn 2.0");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("configured are default, next");
  const hits = JSON.parse(searched.stdout) as readonly { readonly path: string }[];
  expect(hits.map(({ path }) => path).toSorted()).toEqual(["learn.score", "learn2.rank"]);
});
