import { fileURLToPath } from "node:url";

import { isAmphisError, type Python, typeOf } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython();

describe("eval", () => {
  test("gives the value of an expression, with names and what they stand for", async () => {
    const { py } = opened;
    expect(await py.eval("1 + 1")).toBe(2);
    expect(await py.eval("a + b", { a: 1, b: py.import("math").sqrt(4) })).toBe(3);
  });

  test("begins chains", async () => {
    expect(await opened.py.eval("{'a': [3]}").get("a").pop()).toBe(3);
  });

  test("fails with the error of Python", async () => {
    const error = await failureOf(opened.py.eval("1 +"));
    expect(isAmphisError(error, "PYTHON_ERROR") && error.type).toBe("SyntaxError");
  });
});

describe("errors of code", () => {
  test.each<readonly [string, (py: Python) => PromiseLike<unknown>, string, number]>([
    ["eval", (py) => py.eval("1 / 0"), 'eval("1 / 0")', 1],
    ["eval with names", (py) => py.eval("1 / x", { x: 0 }), 'eval("1 / x", {x: 0})', 1],
    ["exec", (py) => py.exec("1 / 0"), 'exec("1 / 0")', 1],
    ["exec with names", (py) => py.exec("1 / x", { x: 0 }), 'exec("1 / x")', 1],
    ["exec in a module", (py) => py.exec("1 / 0", py.import("shop")), 'exec("1 / 0", shop)', 2],
  ])("show what was written: %s", async (_name, run, link, step) => {
    const error = await failureOf(run(opened.py));
    expect(error).toMatchObject({ code: "PYTHON_ERROR", type: "ZeroDivisionError", link });
    expect(error.message).toMatch(/^Cannot call (eval|exec)\(\): ZeroDivisionError: /u);
    expect(error.message.endsWith(` (step ${step}: ${link})`)).toBe(true);
    expect(error).toMatchObject({ chain: link, call: expect.stringMatching(/^(eval|exec)\(\)$/u) });
    expect(error).toMatchObject({ arguments: [expect.stringMatching(/^'1 \/ [0x]'$/u)] });
    expect(JSON.stringify(error)).not.toContain("amphis.worker");
  });

  test("show what follows the code, too", async () => {
    const error = await failureOf(opened.py.exec("def half(n): return n / 0").half(4));
    expect(error).toMatchObject({
      link: ".half(4)",
      chain: 'exec("def half(n): return n / 0").half(4)',
      message: expect.stringContaining("(step 2: .half(4))"),
    });
  });

  test("that is wrong show it, and none of what read it", async () => {
    const error = await failureOf(opened.py.exec("a b"));
    expect(error).toMatchObject({ type: "SyntaxError", traceback: [], chain: 'exec("a b")' });
  });
});

describe("exec", () => {
  test("gives what it defined, which other code may go on with", async () => {
    const { py } = opened;
    const space = await py.exec("import math\ndef half(n): return n / divisor", { divisor: 2 });
    expect(await space.half(5)).toBe(2.5);
    expect(await py.eval("math.floor(half(5))", space)).toBe(2);
    await py.exec("divisor = 10", space);
    expect(await space.half(5)).toBe(0.5);
  });

  test("defines classes that pickle and data classes find, and errors show its lines", async () => {
    const { py } = opened;
    const space = await py.exec(
      "import pickle\nfrom dataclasses import dataclass\n" +
        "@dataclass\nclass Point:\n    x: int\ndef fail():\n    raise KeyError(1)",
    );
    expect(await py.eval("pickle.loads(pickle.dumps(Point(3))).x", space)).toBe(3);
    const error = await failureOf(space.fail());
    const sources = isAmphisError(error, "PYTHON_ERROR") ? error.context.traceback : [];
    expect(JSON.stringify(sources)).toContain("raise KeyError(1)");
  });

  test("keeps the names of different code apart", async () => {
    const { py } = opened;
    await py.exec("leftover = 1");
    const error = await failureOf(py.eval("leftover"));
    expect(isAmphisError(error, "PYTHON_ERROR") && error.type).toBe("NameError");
  });
});

describe("run", () => {
  test("runs a file as the main program, and gives what it defined", async () => {
    const file = fileURLToPath(new URL("modules/report.py", import.meta.url));
    const report = await opened.py.run(file, { title: "Sales" });
    expect(typeOf(report)).toBe("builtins.module");
    expect(await report.heading).toBe("Sales, by __main__");
    expect(await report.line("north", 3)).toBe("Sales: north 3");
  });
});
