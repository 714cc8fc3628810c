import { join } from "node:path";

import { checkConfig, type ConfigLayer, loadConfig } from "amphis/config";
import { expect, test } from "vitest";

import { folderWith } from "./folders.ts";

const FILE = JSON.stringify({
  python: "3.12",
  libraries: { "scikit-learn": { module: "sklearn", version: "1.5", include: ["a", "b"] } },
  pools: { default: { workers: 2, maxWaiting: 5, env: { set: { A: "file", B: "file" } } } },
  $production: {
    libraries: { "scikit-learn": { include: ["c"] } },
    pools: { default: { workers: 16, env: { set: { B: "production" } } } },
  },
  $test: { pools: { default: { workers: 1 } } },
});

test("the stage, variables and code win over the file, in this order", async () => {
  const cwd = await folderWith({ "amphis.config.json": FILE });
  const { config, stage, sources } = await loadConfig({
    cwd,
    env: {
      AMPHIS_ENV: "production",
      NODE_ENV: "test",
      AMPHIS__POOLS__DEFAULT__MAX_WAITING: "7",
      AMPHIS__LIBRARIES__SCIKIT_LEARN__VERSION: "1.6",
      AMPHIS__LIBRARIES__SCIKIT_LEARN__EXTRAS: "gpu, docs",
    },
    code: { libraries: { "scikit-learn": { version: "1.7" } } },
  });
  expect(config).toEqual({
    python: "3.12",
    libraries: {
      "scikit-learn": {
        module: "sklearn",
        version: "1.7",
        include: ["c"],
        extras: ["gpu", "docs"],
      },
    },
    pools: {
      default: { workers: 16, maxWaiting: 7, env: { set: { A: "file", B: "production" } } },
    },
  });
  expect(stage).toBe("production");
  expect(sources).toEqual([
    join(cwd, "amphis.config.json"),
    "AMPHIS__LIBRARIES__SCIKIT_LEARN__EXTRAS",
    "AMPHIS__LIBRARIES__SCIKIT_LEARN__VERSION",
    "AMPHIS__POOLS__DEFAULT__MAX_WAITING",
    "code",
  ]);
});

test("NODE_ENV names the stage where AMPHIS_ENV does not", async () => {
  const cwd = await folderWith({ "amphis.config.json": FILE });
  const workers = async (env: Record<string, string>): Promise<unknown> =>
    (await loadConfig({ cwd, env })).config.pools?.["default"]?.workers;
  expect(await workers({ NODE_ENV: "test" })).toBe(1);
  expect(await workers({ NODE_ENV: "test", AMPHIS_ENV: "" })).toBe(1);
  expect(await workers({ NODE_ENV: "test", AMPHIS_ENV: "other" })).toBe(2);
  expect(await workers({})).toBe(2);
});

const VARIABLES: readonly [name: string, text: string, config: ConfigLayer][] = [
  ["AMPHIS__PYTHON", "3.11", { python: "3.11" }],
  ["AMPHIS_PYTHON", "/usr/bin/python3", { python: "/usr/bin/python3" }],
  ["AMPHIS__POOLS__DEFAULT__WORKERS", "4", { pools: { default: { workers: 4 } } }],
  ["AMPHIS__POOLS__GPU__FORKSERVER", "FALSE", { pools: { gpu: { forkServer: false } } }],
  ["AMPHIS__POOLS__GPU__RETRY__BUDGET", "0.5", { pools: { gpu: { retry: { budget: 0.5 } } } }],
  [
    "AMPHIS__POOLS__GPU__DEVICES",
    "cuda:0,cuda:1",
    { pools: { gpu: { devices: ["cuda:0", "cuda:1"] } } },
  ],
  ["AMPHIS__POOLS__GPU__DEVICES", '["cpu"]', { pools: { gpu: { devices: ["cpu"] } } }],
  ["AMPHIS__POOLS__GPU__PACKAGES", "", { pools: { gpu: { packages: [] } } }],
  ["AMPHIS__POOLS__GPU__PATH", "/a", { pools: { gpu: { path: "/a" } } }],
  [
    "AMPHIS__POOLS__GPU__LIMITS",
    '{"cpuSeconds":5}',
    { pools: { gpu: { limits: { cpuSeconds: 5 } } } },
  ],
  [
    "AMPHIS__POOLS__GPU__ENV__SET__OMP_NUM_THREADS",
    "1",
    { pools: { gpu: { env: { set: { OMP_NUM_THREADS: "1" } } } } },
  ],
  ["AMPHIS__LIBRARIES__NUMPY__TRACE", "true", { libraries: { numpy: { trace: true } } }],
  [
    "AMPHIS__LIBRARIES__NUMPY__TRACE__LEVEL",
    "info",
    { libraries: { numpy: { trace: { level: "info" } } } },
  ],
  ["AMPHIS__LIBRARIES__NUMPY__VERSION", "2", { libraries: { numpy: { version: "2" } } }],
  ["AMPHIS__POLICIES__NETWORK", "0", { policies: { network: false } }],
  [
    "AMPHIS__POLICIES__NETWORK",
    "a.example,b.example",
    { policies: { network: ["a.example", "b.example"] } },
  ],
];

test.each(VARIABLES)("%s=%s is read as the schema says", async (name, text, config) => {
  const loaded = await loadConfig({ config: false, env: { [name]: text } });
  expect(loaded.config).toEqual(config);
});

const WRONG: readonly [name: string, text: string, message: string][] = [
  [
    "AMPHIS__POOLS__DEFAULT__WORKERS",
    "four",
    'pools.default.workers: expected a whole number of 1 or more; found "four"',
  ],
  [
    "AMPHIS__POOLS__DEFAULT__WORKERS",
    "",
    'pools.default.workers: expected a whole number of 1 or more; found ""',
  ],
  [
    "AMPHIS__POOLS__DEFAULT__FORK_SERVER",
    "maybe",
    'pools.default.forkServer: expected true or false; found "maybe"',
  ],
  [
    "AMPHIS__POOLS__DEFAULT__WORKRS",
    "4",
    "pools.default.WORKRS: there is no such option; did you mean WORKERS?",
  ],
  [
    "AMPHIS__POOLS__DEFAULT__WORKERS__X",
    "4",
    "pools.default.workers.X: there is no such option; nothing is below it",
  ],
  [
    "AMPHIS__LIBRARIES__NUMPY__HOOKS__SETUP",
    "x",
    'libraries.numpy.hooks.setup: expected a function of Python as module:function; found "x"',
  ],
];

test.each(WRONG)("%s=%s is refused", async (name, text, message) => {
  const problems = await checkConfig({ config: false, env: { [name]: text } });
  expect(problems).toEqual([expect.objectContaining({ source: name, message })]);
});

test("explain tells who said what, the winner first, and where", async () => {
  const text = `python = "3.12"
[pools.default]
workers = 2
[pools.default.env.set]
TOKEN = "hunter2"
["$production".pools.default]
workers = 16
`;
  const cwd = await folderWith({ "amphis.config.toml": text });
  const source = join(cwd, "amphis.config.toml");
  const loaded = await loadConfig({
    cwd,
    env: { AMPHIS_ENV: "production", AMPHIS__POOLS__DEFAULT__WORKERS: "3" },
  });
  expect(await loaded.explain("pools.default.workers")).toEqual({
    path: "pools.default.workers",
    value: 3,
    origins: [
      { source: "AMPHIS__POOLS__DEFAULT__WORKERS", value: 3 },
      { source, line: 7, column: 1, value: 16 },
      { source, line: 3, column: 1, value: 2 },
    ],
  });
  expect(await loaded.explain("pools.default.env")).toEqual({
    path: "pools.default.env",
    value: { set: { TOKEN: "***" } },
    origins: [{ source, line: 4, column: 2, value: { set: { TOKEN: "***" } } }],
  });
  expect(await loaded.explain("pools.default.env.set.TOKEN")).toMatchObject({
    value: "***",
    origins: [{ line: 5, value: "***" }],
  });
  expect(await loaded.explain('libraries["numpy"].version')).toEqual({
    path: "libraries.numpy.version",
    value: undefined,
    origins: [],
  });
  await expect(loaded.explain("pools.default.wokers")).rejects.toThrow(
    new TypeError(
      "Cannot explain pools.default.wokers: there is no option pools.default.wokers; did you mean workers?",
    ),
  );
  expect(JSON.stringify(loaded)).toContain('"TOKEN":"***"');
  expect(loaded.config.pools?.["default"]?.env?.set).toEqual({ TOKEN: "hunter2" });
});

test("a stage may say a part of something, and what is missing in the whole is told", async () => {
  const text = `{
  "libraries": { "a": { "rateLimit": { "calls": 5 } } },
  "$production": { "libraries": { "a": { "rateLimit": { "perMs": 50 } } } },
  "$test": { "libraries": { "b": { "rateLimit": { "perMs": 50 } } } }
}`;
  const cwd = await folderWith({ "amphis.config.json": text });
  const { config } = await loadConfig({ cwd, env: { AMPHIS_ENV: "production" } });
  expect(config.libraries?.["a"]?.rateLimit).toEqual({ calls: 5, perMs: 50 });
  expect(await checkConfig({ cwd, env: { AMPHIS_ENV: "test" } })).toEqual([
    expect.objectContaining({
      line: 4,
      column: 36,
      path: "$test.libraries.b.rateLimit.calls",
      message: "libraries.b.rateLimit.calls: it is missing; expected a whole number of 1 or more",
    }),
  ]);
});
