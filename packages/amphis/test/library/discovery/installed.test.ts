import { isAmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { membersOf, nearMembers, searchLibraries } from "../../../src/library/index.ts";
import { discovered, functionOf, memberOf } from "./project.ts";

const SLOW = { timeout: 120_000 };

/** Skips where a library is not installed; everything else is a failure. */
function whenMissing(skip: (reason: string) => never): (error: unknown) => never {
  return (error) => {
    if (!isAmphisError(error, "LIBRARY_NOT_FOUND")) throw error;
    return skip(`${error.library} is not installed`);
  };
}

describe("discovery of libraries that are installed", () => {
  test(
    "gives functions of C their signatures from stubs, Python and docstrings",
    SLOW,
    async () => {
      const model = await discovered("math");
      expect(model).toMatchObject({ name: "math", version: model.python });
      // CPython 3.11 itself has no signature of this one, but a docstring.
      const [hypot] = functionOf(model, "math.hypot").signatures;
      expect(hypot?.parameters).toMatchObject([{ name: "coordinates", kind: "rest" }]);
      const [sqrt] = functionOf(model, "math.sqrt").signatures;
      expect(sqrt?.parameters).toMatchObject([
        { name: "x", kind: "positional", isOptional: false },
      ]);
      expect(memberOf(model, "math.pi")).toMatchObject({
        kind: "value",
        value: "3.141592653589793",
      });
    },
  );

  test("describes NumPy: ufuncs, overloads, types, aliases, docs", SLOW, async ({ skip }) => {
    const model = await discovered("numpy").catch(whenMissing(skip));
    expect(model).toMatchObject({ distribution: "numpy", version: expect.any(String) });
    const norm = functionOf(model, "numpy.linalg.norm");
    expect(norm.signatures.length).toBeGreaterThan(1);
    expect(norm.runtime?.parameters.map(({ name }) => name)).toEqual([
      "x",
      "ord",
      "axis",
      "keepdims",
    ]);
    const linear = functionOf(model, "numpy.interp").signatures.at(-1);
    expect(JSON.stringify(linear?.parameters[0]?.type)).toContain("ArrayLike");
    expect(norm.doc?.parameters?.map(({ name }) => name)).toContain("keepdims");
    const add = functionOf(model, "numpy.add");
    const said = add.runtime ?? add.signatures[0];
    expect(said?.parameters.slice(0, 2)).toMatchObject([
      { name: "x1", kind: "positional" },
      { name: "x2", kind: "positional" },
    ]);
    expect(memberOf(model, "numpy.abs")).toBe(memberOf(model, "numpy.absolute"));
    expect(memberOf(model, "numpy.ndarray.shape")).toMatchObject({ kind: "property" });
    expect(functionOf(model, "numpy.ndarray.sum").binding).toBe("instance");
    expect(membersOf(model, "numpy").map(({ name }) => name)).toContain("linalg");
    expect(nearMembers(model, "numpy.linalg.nrom")).toContain("numpy.linalg.norm");
    expect(nearMembers(model, "numpy.linlag")).toContain("numpy.linalg");
    expect(searchLibraries([model], "norm")[0]).toMatchObject({ path: "numpy.linalg.norm" });
    expect(searchLibraries([model], "matrix vector norm", { limit: 1 })).toHaveLength(1);
    expect(searchLibraries([model], "nothing-like-it")).toEqual([]);
  });

  test("describes what source files annotate: polars", SLOW, async ({ skip }) => {
    const model = await discovered("polars").catch(whenMissing(skip));
    const [signature] = functionOf(model, "polars.DataFrame.head").signatures;
    expect(signature).toMatchObject({
      parameters: [{ name: "n", type: { kind: "name", path: "builtins.int" }, default: "5" }],
      returns: { kind: "name", path: "polars.DataFrame" },
      source: "annotations",
    });
  });
});
