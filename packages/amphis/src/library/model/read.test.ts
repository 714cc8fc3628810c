import { isAmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { readLibrary } from "./read.ts";

const EMPTY = {
  format: 1,
  name: "shelf",
  python: "3.11.7",
  types: [],
  parameters: [],
  typeParameters: [],
  modules: [],
  hidden: [],
} as const;

function modelWith(changes: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify({ ...EMPTY, ...changes }));
}

function withMember(member: Readonly<Record<string, unknown>>, changes = {}): unknown {
  return modelWith({ ...changes, modules: [{ path: "shelf", members: [member] }] });
}

const INT = { kind: "name", path: "builtins.int" };
const FUNCTION = {
  kind: "function",
  name: "put",
  path: "shelf.put",
  signatures: [],
  isAsync: false,
  isGenerator: false,
  isAsyncGenerator: false,
};

test("a packed model is read with its tables in their places", () => {
  const model = readLibrary(
    withMember(
      { ...FUNCTION, signatures: [{ parameters: [0], returns: 1, source: "stub" }] },
      {
        types: [INT, { kind: "union", of: [0, 0] }],
        parameters: [{ name: "book", kind: "any", isOptional: false, type: 0 }],
      },
    ),
  );
  expect(model.modules[0]?.members[0]).toEqual({
    ...FUNCTION,
    signatures: [
      {
        parameters: [{ name: "book", kind: "any", isOptional: false, type: INT }],
        returns: { kind: "union", of: [INT, INT] },
        source: "stub",
      },
    ],
  });
  expect(Object.keys(model)).not.toContain("types");
});

const DOUBLING = [INT, ...Array.from({ length: 60 }, (_, at) => ({ kind: "union", of: [at, at] }))];
const DEEP = [INT, ...Array.from({ length: 5_000 }, (_, at) => ({ kind: "unpack", of: at }))];
const nested = (depth: number): Record<string, unknown> => ({
  kind: "class",
  name: "Box",
  path: "shelf.Box",
  bases: [],
  constructors: [],
  members: depth === 0 ? [] : [nested(depth - 1)],
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["a list", []],
  ["another format", modelWith({ format: 2 })],
  ["no tables", modelWith({ types: undefined })],
  ["a type that names itself", modelWith({ types: [{ kind: "unpack", of: 0 }] })],
  ["a type that names a later one", modelWith({ types: [{ kind: "union", of: [1] }, INT] })],
  ["a type that stands for more than any memory holds", modelWith({ types: DOUBLING })],
  ["a type that is deeper than any stack", modelWith({ types: DEEP })],
  ["a type without what it is of", modelWith({ types: [{ kind: "unpack" }] })],
  ["a type of no kind", modelWith({ types: [{ kind: "nothing" }] })],
  ["a literal of objects", modelWith({ types: [{ kind: "literal", values: [{}] }] })],
  [
    "a parameter of no kind",
    modelWith({ parameters: [{ name: "a", kind: "b", isOptional: true }] }),
  ],
  [
    "a part of a number",
    withMember({ ...FUNCTION, signatures: [{ parameters: [0.5], source: "stub" }] }),
  ],
  [
    "a negative number",
    withMember({ ...FUNCTION, signatures: [{ parameters: [-1], source: "stub" }] }),
  ],
  [
    "a word for a number",
    withMember({ ...FUNCTION, signatures: [{ parameters: ["length"], source: "stub" }] }),
  ],
  ["a signature from nowhere", withMember({ ...FUNCTION, signatures: [{ parameters: [] }] })],
  ["a function without flags", withMember({ ...FUNCTION, isAsync: undefined })],
  ["a member without a name", withMember({ ...FUNCTION, name: 7 })],
  ["classes within each other without end", withMember(nested(100))],
  ["a doc that is a text", withMember({ ...FUNCTION, doc: "text" })],
  ["an alias of nothing", withMember({ kind: "alias", name: "put" })],
  ["a hidden function", modelWith({ hidden: [FUNCTION] })],
])("a model with %s is refused", (_, packed) => {
  let thrown: unknown;
  try {
    readLibrary(packed);
  } catch (error) {
    thrown = error;
  }
  expect(isAmphisError(thrown, "LIBRARY_MODEL_INVALID")).toBe(true);
});

test("a model that is refused says where it is wrong", () => {
  expect(() => readLibrary(withMember({ ...FUNCTION, binding: "none" }))).toThrow(
    /^Cannot read description of shelf\.put: binding must be one of/u,
  );
});
