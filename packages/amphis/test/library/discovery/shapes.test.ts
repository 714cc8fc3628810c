import { beforeAll, describe, expect, test } from "vitest";

import type { LibraryModel } from "../../../src/library/index.ts";
import { discovered, functionOf, memberOf } from "./project.ts";

const INT = { kind: "name", path: "builtins.int" };
const STR = { kind: "name", path: "builtins.str" };
const BYTES = { kind: "name", path: "builtins.bytes" };
const T = { kind: "variable", name: "T" };

describe("discovery of a module", () => {
  let model: LibraryModel;

  beforeAll(async () => {
    model = await discovered("shapes");
  });

  test("gives overloads in their order, and what Python itself accepts beside them", () => {
    const { signatures, runtime } = functionOf(model, "shapes.pick");
    expect(signatures.map(({ returns }) => returns)).toEqual([
      T,
      { kind: "name", path: "builtins.list", arguments: [T] },
    ]);
    expect(signatures[0]?.typeParameters).toEqual([{ name: "T", kind: "type" }]);
    expect(runtime).toEqual({
      isExact: true,
      parameters: [
        { name: "items", kind: "any", isOptional: false },
        { name: "at", kind: "any", isOptional: true, default: "None" },
      ],
      source: "runtime",
    });
  });

  test("tells coroutine functions, generators and asynchronous generators apart", () => {
    const flags = ["fetch", "count", "ticks", "opened", "old"].map((name) => {
      const { isAsync, isGenerator, isAsyncGenerator } = functionOf(model, `shapes.${name}`);
      return [name, isAsync, isGenerator, isAsyncGenerator];
    });
    expect(flags).toEqual([
      ["fetch", true, false, false],
      ["count", false, true, false],
      ["ticks", false, false, true],
      ["opened", false, false, false],
      ["old", false, false, false],
    ]);
  });

  test("takes a docstring apart", () => {
    expect(functionOf(model, "shapes.fetch").doc).toEqual({
      summary: "Fetch.",
      parameters: [
        { name: "url", text: "Where it is." },
        { name: "retries", type: "int", text: "How often." },
      ],
      returns: "What is there.",
      raises: [{ type: "OSError", text: "It is not there." }],
      examples: '>>> fetch("http://localhost")',
    });
  });

  test("finds deprecations in directives and in warnings", () => {
    expect(functionOf(model, "shapes.old").deprecated).toBe("2.0 Use count in its place.");
    expect(functionOf(model, "shapes.warned").deprecated).toBe("Use count");
    expect(functionOf(model, "shapes.count").deprecated).toBeUndefined();
  });

  test("resolves names that only type checkers import", () => {
    const [signature] = functionOf(model, "shapes.priced").signatures;
    expect(signature).toEqual({
      isExact: true,
      parameters: [
        {
          name: "price",
          kind: "any",
          type: { kind: "union", of: [{ kind: "name", path: "decimal.Decimal" }, NONE] },
          isOptional: true,
          default: "None",
        },
        {
          name: "then",
          kind: "any",
          type: { kind: "callable", parameters: [INT], returns: STR },
          isOptional: true,
          default: "<class 'str'>",
        },
      ],
      returns: { kind: "tuple", of: [], rest: INT },
      source: "annotations",
    });
  });

  test("says that a context manager gives a context, not an iterator", () => {
    const [signature] = functionOf(model, "shapes.opened").signatures;
    expect(signature?.returns).toEqual({
      kind: "name",
      path: "contextlib.AbstractContextManager",
      arguments: [BYTES],
    });
    expect(signature?.parameters[0]?.type).toEqual({ kind: "literal", values: ["a", "b"] });
  });

  test("leaves out what a module imported for itself", () => {
    const [module] = model.modules;
    const names = module?.members.map(({ name }) => name) ?? [];
    for (const name of ["json", "warnings", "overload", "Iterator", "T", "TYPE_CHECKING"]) {
      expect(names).not.toContain(name);
    }
    expect(memberOf(model, "shapes.LIMIT")).toMatchObject({
      kind: "value",
      type: INT,
      value: "12",
    });
  });

  test("describes an object once and gives its other names as aliases", () => {
    const [module] = model.modules;
    expect(module?.members.find(({ name }) => name === "Case")).toEqual({
      kind: "alias",
      name: "Case",
      target: "shapes.Box",
    });
    expect(memberOf(model, "shapes.Case.of")).toBe(memberOf(model, "shapes.Box.of"));
  });

  test("describes a class without asking any instance", () => {
    const box = memberOf(model, "shapes.Box");
    if (box.kind !== "class") throw new Error("Cannot test Box: it is no class");
    expect(box.bases).toEqual([{ kind: "name", path: "shapes.Base" }]);
    expect(box.typeParameters).toEqual([{ name: "T", kind: "type" }]);
    expect(box.constructors).toEqual([
      {
        isExact: true,
        parameters: [
          { name: "content", kind: "any", type: T, isOptional: false },
          {
            name: "weight",
            kind: "keyword",
            type: { kind: "name", path: "builtins.float" },
            isOptional: true,
            default: "0.5",
          },
        ],
        source: "annotations",
      },
    ]);
    expect(box.doc?.parameters).toEqual([{ name: "content", text: "What is in it." }]);
    expect(box.members.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      "property size",
      "property kind",
      "class Lid",
      "property open",
      "property label",
      "function of",
      "function volume",
      "function __len__",
      "function inherited",
    ]);
    expect(memberOf(model, "shapes.Box.open")).toMatchObject({ isReadonly: true, isStatic: false });
    expect(memberOf(model, "shapes.Box.label")).toMatchObject({ type: STR, isReadonly: false });
    expect(functionOf(model, "shapes.Box.of").binding).toBe("class");
    expect(functionOf(model, "shapes.Box.volume")).toMatchObject({
      binding: "static",
      signatures: [{ parameters: [{ kind: "positional" }, { kind: "positional" }] }],
    });
  });

  test("says that a type is unknown when its name means nothing", () => {
    const [signature] = functionOf(model, "shapes.Box.inherited").signatures;
    expect(signature?.parameters[0]?.type).toEqual({ kind: "unknown", text: "Unknown" });
  });

  test.each([
    ["Color", "enum"],
    ["Point", "dataclass"],
    ["Problem", "exception"],
    ["Readable", "protocol"],
    ["Movie", "typed-dict"],
    ["Base", undefined],
  ])("says what kind of class %s is", (name, nature) => {
    const member = memberOf(model, `shapes.${name}`);
    expect(member.kind === "class" ? member.nature : member.kind).toBe(nature);
  });

  test("knows how a dataclass is made", () => {
    expect(memberOf(model, "shapes.Point")).toMatchObject({
      constructors: [
        {
          parameters: [
            { name: "x", kind: "any", type: INT, isOptional: false },
            { name: "y", kind: "any", type: INT, isOptional: true, default: "0" },
          ],
        },
      ],
    });
  });
});

const NONE = { kind: "name", path: "None" };
