import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import {
  compareModels,
  discover,
  type LibraryModel,
  openEnvironment,
  updateEnvironment,
} from "../../../src/library/index.ts";
import { makeWheels, projectWith, PYTHON, temporaryFolder } from "../../environment/project.ts";

vi.setConfig({ testTimeout: 180_000 });

const BEFORE = `
from collections.abc import Iterator

LIMIT = 10
OLD = "gone"

def same(a: int, /, b: str = "x", *, c: float = 1.0) -> int: ...
def renamed(first: int, second: int = 2) -> int: ...
def shorter(a: int, b: int = 1, **rest: int) -> int: ...
def demanding(a: int, b: int = 1) -> int: ...
def needs_more(a: int) -> int: ...
def more(a: int) -> int: ...
def by_name(a: int, b: int = 0) -> int: ...
def swapped(a: int, b: int) -> int: ...
def narrow(value: int | str | None) -> int: ...
def wide(value: int) -> int: ...
def retyped(value: int) -> int: ...
def gives(value: int) -> int: ...
def default(value: int = 1) -> int: ...
def removed() -> None: ...
def waits() -> int: ...
def becomes(a: int) -> int: ...
def took_anything(*args: int, **more: int) -> int: ...

class Base:
    def inherited(self) -> int: ...

class Thing(Base):
    def __init__(self, size: int, colour: str = "red") -> None: ...
    def run(self, fast: bool = False) -> int: ...
    def stays(self) -> int: ...
    def gone(self) -> int: ...
    @property
    def length(self) -> int: ...
`;
const AFTER = `
LIMIT = 20
NEW = "here"

def same(a: int, /, b: str = "x", *, c: float = 1.0) -> int: ...
def renamed(start: int, second: int = 2) -> int: ...
def shorter(a: int) -> int: ...
def demanding(a: int, b: int) -> int: ...
def needs_more(a: int, b: int) -> int: ...
def more(a: int, b: int = 1) -> int: ...
def by_name(a: int, *, b: int = 0) -> int: ...
def swapped(b: int, a: int) -> int: ...
def narrow(value: int | None) -> int: ...
def wide(value: int | str) -> int: ...
def retyped(value: bytes) -> int: ...
def gives(value: int) -> int | None: ...
def default(value: int = 2) -> int: ...
async def waits() -> int: ...
def took_anything(first: int, second: int = 1) -> int: ...

class becomes:
    def __init__(self, a: int) -> None: ...

class Base:
    def inherited(self) -> int: ...
    def stays(self) -> int: ...

class Thing(Base):
    def __init__(self, size: int, colour: str) -> None: ...
    def run(self, fast: bool = False, slow: bool = False) -> int: ...
    def length(self) -> int: ...
`;

async function modelOf(code: string): Promise<LibraryModel> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "planted"));
  writeFileSync(join(folder, "planted", "__init__.py"), code);
  const cacheFolder = join(folder, "cache");
  const [model] = await discover(["planted"], { python: PYTHON, path: [folder], cacheFolder });
  if (model === undefined) throw new Error("nothing was discovered");
  return model;
}

test("every planted change is found once, and says whether it breaks programs", async () => {
  const [before, after] = await Promise.all([modelOf(BEFORE), modelOf(AFTER)]);

  const { breaking, added, changed } = compareModels(before, after);

  const lines = (changes: typeof breaking): string[] =>
    changes.map(({ kind, path, parameter }) =>
      [kind, path.replace("planted.", ""), ...(parameter === undefined ? [] : [parameter])].join(
        " ",
      ),
    );
  expect(lines(breaking).sort()).toEqual([
    "call waits",
    "kind Thing.length",
    "kind becomes",
    "parameter-kind by_name b",
    "parameter-order swapped a",
    "parameter-order swapped b",
    "parameter-removed shorter b",
    "parameter-removed shorter rest",
    "parameter-renamed renamed first",
    "parameter-required Thing colour",
    "parameter-required demanding b",
    "parameter-required needs_more b",
    "removed OLD",
    "removed Thing.gone",
    "removed removed",
    "returns gives",
    "type narrow value",
  ]);
  expect(lines(added).sort()).toEqual([
    "added Base.stays",
    "added NEW",
    "parameter-added Thing.run slow",
    "parameter-added more b",
    "parameter-added took_anything second",
  ]);
  expect(lines(changed).sort()).toEqual([
    "default default value",
    "parameter-removed took_anything args",
    "parameter-removed took_anything more",
    "parameter-required took_anything first",
    "type retyped value",
    "type wide value",
    "value LIMIT",
  ]);
});

test("a library is the same as itself, and nothing is the same as another", async () => {
  const model = await modelOf(BEFORE);
  expect(compareModels(model, structuredClone(model))).toMatchObject({
    breaking: [],
    added: [],
    changed: [],
  });
  const other = { ...model, name: "other" };
  expect(() => compareModels(model, other)).toThrow(TypeError);
});

test("the libraries of an environment before and after an update are compared", async () => {
  const wheel = (version: string, code: string): Parameters<typeof makeWheels>[1] => [
    { name: "planted", version, files: { "planted/__init__.py": code } },
  ];
  const project = projectWith(wheel("1.0", "def scale(value: int, factor: int = 2) -> int: ...\n"));
  const request = project.request({ dependencies: ["planted"] });
  await openEnvironment(request, { env: project.env });
  makeWheels(project.wheels, wheel("2.0", "def scale(value: int, by: int = 2) -> int: ...\n"));
  const cacheFolder = join(project.folder, "cache");

  const { environment, previous } = await updateEnvironment(request, { env: project.env });
  const [[before], [after]] = await Promise.all([
    discover(["planted"], { python: previous?.python, cacheFolder }),
    discover(["planted"], { python: environment.python, cacheFolder }),
  ]);

  if (before === undefined || after === undefined) throw new Error("nothing was discovered");
  expect(compareModels(before, after)).toEqual({
    library: "planted",
    from: "1.0",
    to: "2.0",
    breaking: [
      {
        impact: "breaking",
        kind: "parameter-renamed",
        path: "planted.scale",
        parameter: "factor",
        text: 'factor is called "by" now',
      },
    ],
    added: [],
    changed: [],
  });
});
