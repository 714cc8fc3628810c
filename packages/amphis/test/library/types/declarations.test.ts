import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { discover, typeText, writeTypes } from "../../../src/library/index.ts";
import { folder } from "../discovery/project.ts";
import { compile } from "./compile.ts";

const SOURCE = `
"""Names that TypeScript has its own use for, and comments that end early: */ export const x = 1; /*"""
from __future__ import annotations
from collections.abc import Iterator
from typing import Self, TypeVar

T = TypeVar("T")

class Map:
    """A class that is called like one of TypeScript."""
    constructor: int = 1
    name: str = "a"

    def then(self) -> int: ...
    def toString(self) -> str: ...
    def new(self, function: int, keywords: int = 1, *, default: str = "*/") -> Self:
        """Make another.

        Args:
            function: what it is for. More about that.
            default: ends */ here
        """
    def many(self) -> Iterator[Map]: ...
    def __call__(self, of: str) -> bytes: ...

class Derived(Map):
    def many(self) -> list[int]: ...

class Node(dict[str, "Node"]):
    def children(self) -> list[Node]: ...

Json = None | int | str | list["Json"] | dict[str, "Json"]

def first(of: list[T], otherwise: T | None = None) -> T: ...
def nothing(): ...
def walk(json: Json) -> Json: ...
def strange(**kwargs: int) -> tuple[int, str]: ...
async def later(a, /, b: float, *rest: int, c: bool) -> set[str]: ...
`;

const PROGRAM = `
import { attribute, kw, openPython } from "amphis";
const py = await openPython();
const odd = await py.import("odd");
const one: string = await odd.first(["a"]);
const [count, text] = await odd.strange(kw({ any: 1 }));
const both: [number, string] = [count, text];
const words: Set<string> = await odd.later(1, 2, 3, kw({ c: true }));
const map = await odd.Map();
const bytes: Uint8Array = await map("x");
const name: string = await map.name;
const next: string = await map.new(1, kw({ default: "x" })).new(kw({ function: 2 })).name;
for await (const each of map.many()) await each.name;
const derived = await odd.Derived().new(1);
const numbers: number[] = await derived.many();
const again: Uint8Array = await derived("x");
await attribute(map, "then");
await odd.nothing();
await odd.walk([1, { a: [null, "b"] }]);
// @ts-expect-error it needs a keyword argument
await odd.later(1, 2);
// @ts-expect-error by position only
await odd.later(kw({ a: 1, b: 2, c: true }));
// @ts-expect-error what proxies answer themselves is no attribute
await map.toString().upper();
export { again, both, bytes, next, numbers, one, words, name };
`;

async function library(): Promise<{ readonly path: string; readonly types: string }> {
  const path = await folder();
  await writeFile(join(path, "odd_names.py"), SOURCE);
  return { path, types: join(path, "project", "python-types") };
}

test("names, comments and shapes that TypeScript has its own use for compile, and mean what Python means", async () => {
  const { path, types } = await library();
  const models = await discover(["odd_names"], { path: [path], cacheFolder: join(path, "cache") });
  const written = await writeTypes(models, { folder: types, aliases: { odd: "odd_names" } });
  expect(written.changed).toEqual(["odd_names.d.ts", "index.d.ts"]);
  expect(await compile(join(path, "project"), { "program.ts": PROGRAM })).toEqual([]);
  const text = await readFile(join(types, "odd_names.d.ts"), "utf8");
  expect(text).toContain("@param function_ - what it is for.");
  expect(text).toContain("interface odd_names$Map {");
  expect(text).toContain("PyPending<null | number | string | PyAny[] | { [key: string]: PyAny }>");
  expect(text).toContain("later(a: PyInput, b: PyArgument<PyNumber>");
  // The comment does not end where Python's text would end it.
  expect(text).not.toContain("*/ export const x");
  expect(text).not.toMatch(/^ {2}(?:readonly )?(?:then|toString|constructor)\b/mu);
});

test("files that are right are left alone, and a dry run writes nothing", async () => {
  const { path, types } = await library();
  const models = await discover(["odd_names"], { path: [path], cacheFolder: join(path, "cache") });
  const dry = await writeTypes(models, { folder: types, dryRun: true });
  expect(dry.changed).toHaveLength(2);
  await expect(readFile(join(types, "index.d.ts"))).rejects.toMatchObject({ code: "ENOENT" });
  await writeTypes(models, { folder: types });
  await writeFile(join(types, "odd_names.d.ts"), "changed by hand");
  expect(await writeTypes(models, { folder: types })).toMatchObject({
    changed: ["odd_names.d.ts"],
    unchanged: ["index.d.ts"],
  });
});

test("one member is told on its own", async () => {
  const { path } = await library();
  const [model] = await discover(["odd_names"], { path: [path], cacheFolder: join(path, "cache") });
  expect(typeText(model, "odd_names.first")).toContain(
    "first<T>(of: PyArgument<readonly PyArgument<T>[]>",
  );
  expect(typeText(model, "odd_names.missing")).toBeUndefined();
});
