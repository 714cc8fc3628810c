import { join } from "node:path";

import { type AmphisConfig, checkConfig, type ConfigProblem, loadConfig } from "amphis/config";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { folderWith } from "./folders.ts";

const TYPESCRIPT = `/** As in defineConfig({ libraries: { numpy: {} } }). */
import { type Missing } from "./nowhere.ts";

const timeout = 60 / 2; // "not { a text"
const config = {
  libraries: {
    numpy: { verison: "2.1", hooks: { setup: () => ({ a: [1, "}"] }), befor: "x:y" } },
    "scikit-learn": { isolation: "guarde", pure: { "fit*": { ttlMs: \`\${timeout}\` } } },
  },
  pools: {
    default: {
      workers: "4", /* } */ maxWaiting: 1.5,
    },
    ['gpu']: { retry: { budget: /[/}]/.test("}") ? 2 : 3 } },
  },
  $production: { pools: { default: { profil: "process" } } },
};
export default config satisfies Missing;
`;

const TOML = `
[libraries.numpy]
verison = "2.1"

[libraries."scikit-learn"]
isolation = "guarde"
pure."fit*".ttlMs = "30"

[pools.default]
workers = "4"

[pools]
gpu = { retry = { budget = 2 }, devices = ["cpu", 7] }
`;

const JSON_TEXT = `{
  "libraries": { "numpy": { "verison": "2.1" } },
  "pools": { "default": { "workers": "4" }, "gpu": { "devices": ["cpu", 7] } }
}`;

type Brief = [
  path: string,
  line: number | undefined,
  column: number | undefined,
  suggestion: string | undefined,
];

function brief({ path, line, column, suggestion }: ConfigProblem): Brief {
  return [path, line, column, suggestion];
}

test("a module with many mistakes has each told with its place", async () => {
  const cwd = await folderWith({ "amphis.config.ts": TYPESCRIPT });
  const problems = await checkConfig({ cwd, env: {} });
  expect(problems.map(brief)).toEqual(
    [
      ["libraries.numpy.verison", 7, 14, "version"],
      ["libraries.numpy.hooks.befor", 7, 71, "before"],
      ["libraries.scikit-learn.isolation", 8, 34, '"guarded"'],
      ['libraries.scikit-learn.pure["fit*"].ttlMs', 8, 69, "30"],
      ["pools.default.workers", 12, 16, "4"],
      ["pools.default.maxWaiting", 12, 41, undefined],
      // What cannot be followed is told by the nearest that can.
      ["pools.gpu.retry.budget", 10, 3, undefined],
      ["$production.pools.default.profil", 16, 38, "profile"],
    ].toSorted(
      (one, other) => Number(one[1]) - Number(other[1]) || Number(one[2]) - Number(other[2]),
    ),
  );
});

test("TOML with many mistakes has each told with its place", async () => {
  const cwd = await folderWith({ "amphis.config.toml": TOML });
  const problems = await checkConfig({ cwd, env: {} });
  expect(problems.map(brief)).toEqual([
    ["libraries.numpy.verison", 3, 1, "version"],
    ["libraries.scikit-learn.isolation", 6, 13, '"guarded"'],
    ['libraries.scikit-learn.pure["fit*"].ttlMs', 7, 21, "30"],
    ["pools.default.workers", 10, 11, "4"],
    ["pools.gpu.retry.budget", 13, 28, undefined],
    ["pools.gpu.devices[1]", 13, 51, '"7"'],
  ]);
});

test("JSON with many mistakes has each told with its place", async () => {
  const cwd = await folderWith({ "amphis.config.json": JSON_TEXT });
  const problems = await checkConfig({ cwd, env: {} });
  expect(problems.map(brief)).toEqual([
    ["libraries.numpy.verison", 2, 29, "version"],
    ["pools.default.workers", 3, 38, "4"],
    ["pools.gpu.devices[1]", 3, 73, '"7"'],
  ]);
});

test("one error shows all problems with the lines in question", async () => {
  const cwd = await folderWith({ "amphis.config.json": JSON_TEXT });
  const error = await rejection(loadConfig({ cwd, env: { AMPHIS__PYTHN: "3.12" } }));
  const file = join(cwd, "amphis.config.json");
  expect(error).toMatchObject({ code: "CONFIG_INVALID", problems: { length: 4 } });
  expect((error as Error).message).toBe(
    [
      `Cannot use the configuration of ${file}, AMPHIS__PYTHN: 4 problems`,
      "",
      `${file}:2:29`,
      "  libraries.numpy.verison: there is no such option; did you mean version?",
      '    2 |   "libraries": { "numpy": { "verison": "2.1" } },',
      "      |                             ^",
      "",
      `${file}:3:38`,
      '  pools.default.workers: expected a whole number of 1 or more; found "4"; did you mean 4?',
      '    3 |   "pools": { "default": { "workers": "4" }, "gpu": { "devices": ["cpu", 7] } }',
      "      |                                      ^",
      "",
      `${file}:3:73`,
      '  pools.gpu.devices[1]: expected a device such as cuda:0 or cpu; found 7; did you mean "7"?',
      '    3 |   "pools": { "default": { "workers": "4" }, "gpu": { "devices": ["cpu", 7] } }',
      "      |                                                                         ^",
      "",
      "AMPHIS__PYTHN",
      "  PYTHN: there is no such option; did you mean PYTHON?",
      "",
    ].join("\n"),
  );
});

test("secrets are in no message, and lines that hold one are not shown", async () => {
  const text = `export default {
  pools: { default: { env: { set: { A: "hunter2", B: 4711 } }, wokers: 1 } },
};`;
  const cwd = await folderWith({ "amphis.config.js": text });
  const error = await rejection(
    loadConfig({ cwd, env: { AMPHIS__POOLS__DEFAULT__ENV__SET__C: "swordfish\0" } }),
  );
  const said = `${String(error)}${JSON.stringify(error)}`;
  expect(said).toContain("pools.default.wokers: there is no such option; did you mean workers?");
  expect(said).toContain("env.set.B: expected a text; found a number that is not shown");
  expect(said).toContain("env.set.C: expected a text; found a string that is not shown");
  for (const secret of ["hunter2", "4711", "swordfish"]) expect(said).not.toContain(secret);
});

const WRONG: readonly [unknown, string][] = [
  [
    [],
    "the configuration: expected an object with python, libraries, pools, environments, policies; found an empty list",
  ],
  [
    null,
    "the configuration: expected an object with python, libraries, pools, environments, policies; found null",
  ],
  [
    new Date(0),
    "the configuration: expected an object with python, libraries, pools, environments, policies; found an object of Date",
  ],
  [{ pool: {} }, "pool: there is no such option; did you mean pools?"],
  [
    { python: 3.12 },
    'python: expected a path, a command, or a version such as 3.12; found 3.12; did you mean "3.12"?',
  ],
  [{ python: "" }, 'python: expected a path, a command, or a version such as 3.12; found ""'],
  [
    { libraries: { "a b": {} } },
    'libraries["a b"]: expected the name of a library as the key; found "a b"',
  ],
  [
    { libraries: { a: { version: ">= two points" } } },
    'libraries.a.version: expected versions such as 2.1.3 or >=2.1,<3; found ">= two points"',
  ],
  [
    { libraries: { a: { rateLimit: { perMs: 5 } } } },
    "libraries.a.rateLimit.calls: it is missing; expected a whole number of 1 or more",
  ],
  [
    { libraries: { a: { hooks: { setup: "warm_up" } } } },
    'libraries.a.hooks.setup: expected a function of Python as module:function; found "warm_up"',
  ],
  [
    { libraries: { a: { trace: { levle: "info" } } } },
    "libraries.a.trace.levle: there is no such option; did you mean level?",
  ],
  [
    { libraries: { a: { trace: "yes" } } },
    'libraries.a.trace: expected true or false; or an object with level, functions, arguments, results, redact; found "yes"',
  ],
  [
    { libraries: { a: { preload: "true" } } },
    'libraries.a.preload: expected true or false; found "true"; did you mean true?',
  ],
  [
    { libraries: { a: { extras: "gpu" } } },
    'libraries.a.extras: expected a list, each the name of a package; found "gpu"; did you mean ["gpu"]?',
  ],
  [
    { pools: { default: { workers: Number.NaN } } },
    "pools.default.workers: expected a whole number of 1 or more; found NaN",
  ],
  [
    { pools: { default: { retry: { budget: 2 } } } },
    "pools.default.retry.budget: expected a number from 0 to 1; found 2",
  ],
  [
    { pools: { default: { path: "a\0b" } } },
    'pools.default.path: expected a path; found "a\\u0000b"',
  ],
  [
    { environments: { a: { indexes: ["https://x"] } } },
    'environments.a.indexes[0]: expected the name of an environment variable; found "https://x"',
  ],
  [
    { policies: { functions: { deny: ["eval"] } } },
    'policies.functions.deny[0]: expected module:function, in which * stands for anything; found "eval"',
  ],
  [
    { libraries: { a: { pool: "gpus" } }, pools: { gpu: {} } },
    'libraries.a.pool: expected the name of a configured pool: default, gpu; found "gpus"; did you mean gpu?',
  ],
  [
    { pools: { default: { environment: "x" } } },
    'pools.default.environment: expected the name of a configured environment: default; found "x"',
  ],
  [
    { pools: { a: { workers: 1, minWorkers: 2 } } },
    "pools.a.minWorkers: expected at most 1, as many as workers; found 2",
  ],
  [
    { libraries: { a: { alias: "b" }, b: {} } },
    'libraries.a.alias: expected a name of its own, as b has this one; found "b"',
  ],
  [
    { environments: { Old: {} } },
    'environments.Old: expected a name of small letters, digits, hyphens and underscores as the key; found "Old"',
  ],
  [
    { libraries: { a: { version: "2.x" } } },
    'libraries.a.version: expected versions such as 2.1.3 or >=2.1,<3; found "2.x"',
  ],
  [
    { environments: { a: { dependencies: ["b", "--pre"] } } },
    'environments.a.dependencies[1]: expected a requirement such as requests>=2.31; found "--pre"',
  ],
  [
    { libraries: { "scikit-learn": { version: "1.7" } } },
    "libraries.scikit-learn.module: expected the name of the module that is imported, as scikit-learn cannot be one; found nothing",
  ],
];

test.each(WRONG)("%j is refused", async (config, message) => {
  const problems = await checkConfig({ config: config as AmphisConfig, env: {} });
  expect(problems.map((problem) => problem.message)).toEqual([message]);
  expect(problems[0]?.source).toBe("code");
});

test("an exact version is no interpreter", async () => {
  for (const python of ["3.12.4", "3"]) {
    const [problem] = await checkConfig({ config: { python }, env: {} });
    expect(problem).toMatchObject({ path: "python", found: JSON.stringify(python) });
  }
});

test("of a file that is all wrong the first hundred mistakes are told", async () => {
  const options = Array.from({ length: 50_000 }, (_, index) => `"wrong${index}": 1`);
  const cwd = await folderWith({ "amphis.config.json": `{ ${options.join(",\n")} }` });
  const error = await rejection(loadConfig({ cwd, env: {} }));
  expect(error).toMatchObject({ code: "CONFIG_INVALID", problems: { length: 100 } });
  expect(String(error)).toContain(": 100 problems or more\n");
});

test("names of prototypes are names like others", async () => {
  const cwd = await folderWith({
    "amphis.config.json":
      '{ "libraries": { "__proto__": { "version": "1" }, "constructor": {} }, "toString": {} }',
  });
  const problems = await checkConfig({ cwd, env: {} });
  expect(problems.map(({ path }) => path)).toEqual(["toString"]);
  expect(({} as { version?: unknown }).version).toBeUndefined();
});
