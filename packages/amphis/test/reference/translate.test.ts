import { isAmphisError } from "@amphis/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import * as amphis from "../../src/index.ts";
import {
  discover,
  EXAMPLE_FUNCTION,
  exampleArguments,
  type Example,
  type LibraryModel,
} from "../../src/library/index.ts";
import { Site } from "../../src/library/reference/site.ts";
import { translate } from "../../src/library/reference/translate/index.ts";

let python: amphis.Python;
const models = new Map<string, LibraryModel>();

beforeAll(async () => {
  python = await amphis.openPython({ workers: 1, config: false });
  // They are shown as well as results, and only once.
  await python.call("warnings:simplefilter", ["ignore"]);
  for (const model of await discover([
    "collections",
    "fractions",
    "json",
    "math",
    "statistics",
    "textwrap",
  ])) {
    models.set(model.name, model);
  }
});

afterAll(() => python.close());

/** The lines of a translation behind its head; nothing where there is none. */
function lines(...sources: readonly string[]): readonly string[] | undefined {
  const steps = sources.map((source) => ({ source, isSkipped: false, isError: false }));
  const names = ["Fraction", "gcd"];
  const example: Example = { id: "x", library: "fractions", module: "fractions", names, steps };
  return translate(example, models)?.code.trimEnd().split("\n").slice(3);
}

const FRACTIONS = 'const fractions = await py.import("fractions");';
const MATH = 'const m = await py.import("math");';

describe("what can be said word by word", () => {
  test.each([
    ["m.sqrt(16)", "await m.sqrt(16);"],
    ["m.sqrt(16.0)", "await m.sqrt(new Float(16));"],
    ["m.sqrt(1.5e-3) # a comment", "await m.sqrt(0.0015);"],
    ["m.factorial(0x10)", "await m.factorial(16);"],
    ["m.gcd(12345678901234567890, -4)", "await m.gcd(12345678901234567890n, -4);"],
    ["m.isclose(1, 2, rel_tol=0.1)", "await m.isclose(1, 2, kw({ rel_tol: 0.1 }));"],
    ["-m.pi ** 2", "await neg(pow(m.pi, 2));"],
    ["2 * m.pi + 1 < 7", "await lt(add(mul(2, m.pi), 1), 7);"],
    ["m.hypot(*(3, 4))", undefined],
    ["print(m.pi)", "console.log(await str(m.pi));"],
    ["m.prod((1, 2), start=3)", "await m.prod(Tuple.of(1, 2), kw({ start: 3 }));"],
    ["m.dist([1], [2,])", "await m.dist([1], [2]);"],
  ])("%s", (source, line) => {
    const written = lines("import math as m", source);
    expect(written).toEqual(line === undefined ? undefined : [MATH, line]);
  });

  test("names of the module of the example are imported from it", () => {
    expect(lines("Fraction(1, 3)")).toEqual([FRACTIONS, "await fractions.Fraction(1, 3);"]);
  });

  test("what is made once stays one object, and lists are made in Python", () => {
    expect(lines("a = Fraction(1, 3)", "b = a", "b", "a = [1, 'two']", "len(a)")).toEqual([
      FRACTIONS,
      "const a = await keep(fractions.Fraction(1, 3));",
      "console.log(await repr(a));",
      'const builtins = await py.import("builtins");',
      'const a2 = await keep(builtins.list([1, "two"]));',
      "await builtins.len(a2);",
    ]);
  });

  test("dictionaries keep the order of their keys, and the kind of them", () => {
    expect(
      lines(
        "import json",
        "json.dumps({'b': 1, 'a-b': None})",
        "json.dumps({'2': True, '1': {3: 'x'}})",
      ),
    ).toEqual([
      'const json = await py.import("json");',
      'await json.dumps({ b: 1, "a-b": null });',
      'await json.dumps(new Map([["2", true], ["1", new Map([[3, "x"]])]]));',
    ]);
  });
});

describe("there is no translation", () => {
  test.each([
    ["of names that nobody gave", "missing(1)"],
    ["of what a module does not have", "import math\nmath.sqrtt(1)"],
    ["of modules that are not described", "import os\nos.getcwd()"],
    ["of calls that the signature forbids", "import statistics\nstatistics.median([1], [2])"],
    ["of methods of values", "'abc'.upper()"],
    ["of what Python works out alone", "1 + 1"],
    ["of statements", "for x in (1, 2): print(x)"],
    ["of strings with expressions in them", "import json\njson.dumps(f'{1}')"],
    ["of bytes", "import json\njson.loads(b'1')"],
    ["of comparisons in a row", "import math\n1 < math.pi < 4"],
    ["of attributes that proxies answer themselves", "Fraction(1, 3).constructor"],
    ["of keys that are the same twice", "import json\njson.dumps({'a': 1, 'a': 2})"],
    ["of two statements in one", "Fraction(1, 2); Fraction(1, 3)"],
    ["of brackets without end", `Fraction(${"(".repeat(10_000)}`],
    ["of numbers that are none here", "import math\nmath.sqrt(1e999)"],
  ])("%s", (_, source) => {
    const [first = "", ...rest] = source.split("\n");
    expect(lines(first, ...rest)).toBeUndefined();
  });

  test("of what follows a step that has none", () => {
    expect(lines("a = Fraction(1, 3)", "a.x = 1", "a")).toEqual([
      FRACTIONS,
      "const a = await keep(fractions.Fraction(1, 3));",
    ]);
  });
});

/** Runs a translation as it stands, and notes what Python would show of each line. */
async function shownBy(code: string): Promise<readonly string[]> {
  const shown: string[] = [];
  const body = code
    .replaceAll(/^(?:import|await using) .*\n/gmu, "")
    .replaceAll(/^await (.*);$/gmu, "shown.push(await repr($1));")
    .replaceAll(/^console\.log\((.*)\);$/gmu, "shown.push($1);");
  const names = Object.keys(amphis).filter((name) => name !== "openPython");
  const values = names.map((name) => (amphis as Readonly<Record<string, unknown>>)[name]);
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
  await (new AsyncFunction("py", "shown", ...names, body)(
    python,
    shown,
    ...values,
  ) as Promise<void>);
  return shown.filter((text) => text !== "None" && text !== "");
}

async function expectSame(example: Example): Promise<void> {
  const written = translate(example, models);
  if (written === undefined) return;
  const ran = await python.call<{ readonly output: string }[]>(
    EXAMPLE_FUNCTION,
    exampleArguments(example),
  );
  const expected = ran
    .map(({ output }) => output.replace(/\n$/u, ""))
    .filter((text) => text !== "");
  const shown = await shownBy(written.code);
  expect(shown, `${example.id}\n${written.code}`).toEqual(expected.slice(0, shown.length));
}

test("translations of the standard library do what its examples do", async () => {
  const site = new Site([...models.values()]);
  let count = 0;
  for (const library of site.libraries) {
    for (const place of site.places.of(library)) {
      for (const example of site.examples(place)) {
        await expectSame(example);
        count += translate(example, models) === undefined ? 0 : 1;
      }
    }
  }
  expect(count).toBeGreaterThan(10);
});

test("translations of NumPy do what its examples do", { timeout: 180_000 }, async ({ skip }) => {
  const [numpy] = await discover(["numpy"]).catch((error: unknown) => {
    if (isAmphisError(error, "LIBRARY_NOT_FOUND")) return skip("numpy is not installed");
    throw error;
  });
  models.set("numpy", numpy);
  const site = new Site([numpy]);
  for (const module of ["numpy.strings", "numpy.polynomial.polynomial"]) {
    const place = site.places.module(module);
    for (const example of place === undefined ? [] : site.examples(place)) {
      await expectSame(example);
    }
  }
});
