import { isAmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { checkCall, type FunctionModel, type Parameter } from "../../../src/library/index.ts";

type Kind = Parameter["kind"];

function functionOf(
  parameters: readonly (readonly [string, Kind, boolean?])[],
  isExact = true,
): FunctionModel {
  const signature = {
    parameters: parameters.map(([name, kind, isOptional = false]) => ({ name, kind, isOptional })),
    source: "runtime" as const,
    isExact,
  };
  return {
    kind: "function",
    name: "f",
    path: "m.f",
    signatures: [signature],
    isAsync: false,
    isGenerator: false,
    isAsyncGenerator: false,
  };
}

const norm = functionOf([
  ["x", "any"],
  ["ord", "any", true],
  ["keepdims", "keyword", true],
]);

function refused(
  model: FunctionModel,
  args: readonly unknown[],
  kwargs?: Record<string, unknown>,
): unknown {
  try {
    checkCall(model, args, kwargs);
    return undefined;
  } catch (error) {
    if (!isAmphisError(error, "CALL_INVALID")) throw error;
    return [error.argument, error.suggestions, error.message];
  }
}

test.each([
  [[], undefined, ["x", [], "Cannot call m.f(x, ord=..., *, keepdims=...): x is missing"]],
  [
    [1, 2, 3],
    undefined,
    [
      "",
      [],
      "Cannot call m.f(x, ord=..., *, keepdims=...): it takes 2 arguments by position, not 3",
    ],
  ],
  [[1], { x: 2 }, ["x", [], "Cannot call m.f(x, ord=..., *, keepdims=...): x is given twice"]],
  [
    [1],
    { keepdim: true },
    [
      "keepdim",
      ["keepdims"],
      "Cannot call m.f(x, ord=..., *, keepdims=...): it has no keyword argument keepdim; did you mean keepdims?",
    ],
  ],
])("a call with %j and %j says what is wrong with it", (args, kwargs, expected) => {
  expect(refused(norm, args, kwargs)).toEqual(expected);
});

test("a long signature is in the context, and what it is about in the message", () => {
  const many = Array.from({ length: 60 }, (_, index) => [`option_${index}`, "any", true] as const);
  const read = functionOf([["path", "any"], ["sep", "any", true], ...many]);
  const [argument, suggestions, message] = refused(read, ["a"], { seperator: ";" }) as unknown[];
  expect(argument).toBe("seperator");
  expect(suggestions).toEqual(["sep"]);
  expect(message).toBe(
    "Cannot call m.f(…, sep=..., …): it has no keyword argument seperator; did you mean sep?",
  );
  try {
    checkCall(read, []);
  } catch (error) {
    expect(isAmphisError(error, "CALL_INVALID") && error.signature).toContain("option_59=...");
    expect((error as Error).message).toBe("Cannot call m.f(path, …): path is missing");
  }
  expect.hasAssertions();
});

test("what Python takes passes", () => {
  expect(refused(norm, [1])).toBeUndefined();
  expect(refused(norm, [1, 2], { keepdims: true })).toBeUndefined();
  expect(refused(norm, [], { x: 1 })).toBeUndefined();
  const open = functionOf([
    ["a", "positional"],
    ["rest", "rest"],
    ["more", "keywords"],
  ]);
  expect(refused(open, [1, 2, 3], { a: 1, toString: 2 })).toBeUndefined();
  expect(refused(open, [], { a: 1 })).toContain("a");
});

test("a function of which Python says nothing certain takes everything", () => {
  expect(refused(functionOf([["x", "any"]], false), [1, 2, 3], { y: 1 })).toBeUndefined();
  expect(refused({ ...norm, signatures: [] }, [1, 2, 3, 4])).toBeUndefined();
});
