import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { discover, writeTypes } from "../../../src/library/index.ts";
import { folder } from "../discovery/project.ts";
import { compile } from "./compile.ts";

const SOURCE = `
from __future__ import annotations
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import AnyStr, Generic, Self, TypeVar

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
N = TypeVar("N", bound="Shape")

class Box(Generic[T]):
    value: T
    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    def many(self) -> list[T]: ...
    def put(self, value: T) -> Self: ...
    def map(self, change: Callable[[T], K]) -> Box[K]: ...
    def walk(self) -> Iterator[T]: ...

class Numbers(Box[int]):
    """What stands for the parameter is known."""
    def put(self, value: int, times: int = 1) -> Self: ...

class Named(Box[T]):
    """Its parameter is that of the base."""
    def name(self) -> str: ...

class Strange(Box[T]):
    """What is else than in the base is declared anew, and so is what goes with it."""
    def many(self) -> dict[str, T]: ...
    def __getattr__(self, name: str) -> object: ...

class Pair(Generic[K, V]):
    def first(self) -> K: ...
    def second(self) -> V: ...
    def swapped(self) -> Pair[V, K]: ...

class Kept(Generic[T]):
    """Its parameter says nothing about what it gives."""
    def put(self, value: T) -> None: ...

class Shape:
    def area(self) -> float: ...

class Square(Shape):
    def side(self) -> float: ...

def first(items: Sequence[T]) -> T: ...
def boxed(value: T) -> Box[T]: ...
def texts() -> Box[str]: ...
def pair() -> Pair[str, list[float]]: ...
def quoted(text: AnyStr, times: int = 1) -> AnyStr: ...
def larger(one: N, other: N) -> N: ...
def unknown() -> Box: ...
def recent() -> deque[int]: ...
`;

/** Where a name ends, the parameters that are written behind it in brackets. */
const IN_BRACKETS: readonly (readonly [string, string])[] = [
  ["class Box(Generic[T])", "class Box[T]"],
  ["class Named(", "class Named[T]("],
  ["class Strange(", "class Strange[T]("],
  ["class Pair(Generic[K, V])", "class Pair[K, V]"],
  ["class Kept(Generic[T])", "class Kept[T]"],
  ["def map(", "def map[K]("],
  ["def first(items", "def first[T](items"],
  ["def boxed(", "def boxed[T]("],
  ["def quoted(", "def quoted[AnyStr: (str, bytes)]("],
  ["def larger(", "def larger[N: Shape]("],
  ["def recent() -> deque[int]", "type Recent[T] = deque[T]\ndef recent() -> Recent[int]"],
  [", TypeVar", ""],
  ["AnyStr, Generic, ", ""],
];

/** The same in the syntax of Python 3.12. */
function inBrackets(): string {
  const source = SOURCE.replaceAll(/^\w = TypeVar.*\n/gmu, "");
  return IN_BRACKETS.reduce((text, [old, fresh]) => {
    expect(text).toContain(old);
    return text.replace(old, fresh);
  }, source);
}

function hasBrackets(): boolean {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  const script = "import sys; print(sys.version_info >= (3, 12))";
  return execFileSync(python, ["-c", script], { encoding: "utf8" }).startsWith("True");
}

const PROGRAM = `
import { kw, openPython, type PyAny } from "amphis";
const py = await openPython();
const g = py.import("generic_shapes");

const one: number = await g.first([1, 2]);
const text: string = await g.texts().get();
const all: string[] = await g.texts().put("x").many();
const own: string = await g.texts().value;
const made: number = await g.Box(3).get();
const boxed: string = await g.boxed("a").get();
for await (const item of g.texts().walk()) item.toUpperCase();
const [key, value]: [string, number[]] = [await g.pair().first(), await g.pair().second()];
const swapped: number[] = await g.pair().swapped().first();
const whole: number = await g.Numbers(1).put(1, kw({ times: 2 })).get();
const named: string = await g.Named("a").get();
const strange: { [key: string]: string } = await g.Strange("a").many();
const quoted: string = await g.quoted("a");
const bytes: Uint8Array = await g.quoted(new Uint8Array(1), kw({ times: 2 }));
const area: number = await g.larger(g.Square(), g.Square()).area();
const any: PyAny = await g.unknown().get();
const live = await g.texts();
const again: string = await live.get();
const recent: number[] = await g.recent();
await g.Kept().put("anything");
// @ts-expect-error it has texts
const wrong: number = await g.texts().get();
// @ts-expect-error the result is one of what was given
const other: string = await g.first([1, 2]);
// @ts-expect-error text in, text out
const mixed: Uint8Array = await g.quoted("a");
// @ts-expect-error nobody says which shape
await g.larger(g.Square(), g.Square()).side();
export {
  again, all, any, area, boxed, bytes, key, made, mixed, named, one, other, own, quoted, recent, strange, swapped, text, value,
  whole, wrong,
};
`;

async function declared(source: string): Promise<void> {
  const path = await folder();
  await writeFile(join(path, "generic_shapes.py"), source);
  const types = join(path, "project", "python-types");
  const cacheFolder = join(path, "cache");
  const models = await discover(["generic_shapes", "builtins"], { path: [path], cacheFolder });
  await writeTypes(models, { folder: types });
  expect(await compile(join(path, "project"), { "program.ts": PROGRAM })).toEqual([]);
  const text = await readFile(join(types, "generic_shapes.d.ts"), "utf8");
  expect(text).toContain("export interface Box<T = PyAny> {");
  expect(text).toContain('export interface Named<T = PyAny> extends Omit<Box<T>, "put"> {');
  expect(text).toContain("export interface Kept {");
  expect(text).not.toMatch(/\$\$(?!\w)/u);
}

test("type parameters of functions and classes are those of TypeScript where results depend on them", async () => {
  await declared(SOURCE);
});

test("type parameters in brackets are those that type variables are", async ({ skip }) => {
  if (!hasBrackets()) skip("this Python is older than 3.12, which has the syntax");
  await declared(inBrackets());
});
