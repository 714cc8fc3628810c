import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { checkConfig, loadConfig } from "amphis/config";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { folderWith } from "./folders.ts";

const WANTED = {
  libraries: { numpy: { version: ">=2,<3", pure: { "linalg.*": { ttlMs: 60_000 } } } },
  pools: { default: { workers: 2 }, gpu: { devices: ["cuda:0"], packages: ["torch"] } },
};

const TOML = `
[libraries.numpy]
version = ">=2,<3"
pure."linalg.*".ttlMs = 60_000

[pools]
default = { workers = 2 }

[pools.gpu]
devices = ["cuda:0"]
packages = [
  "torch", # for the models
]
`;

const SAME: Readonly<Record<string, string>> = {
  "amphis.config.ts": `const workers: number = 2;\nexport default { ...${JSON.stringify({ ...WANTED, pools: undefined })}, pools: { default: { workers }, gpu: ${JSON.stringify(WANTED.pools.gpu)} } } as const;`,
  "amphis.config.js": `module.exports = ${JSON.stringify(WANTED)};`,
  "amphis.config.mjs": `await null;\nexport default ${JSON.stringify(WANTED)};`,
  "amphis.config.json": `\u{FEFF}${JSON.stringify({ $schema: "x.json", ...WANTED })}`,
  "amphis.config.toml": TOML,
};

test.each(Object.keys(SAME))("%s says what the others say", async (name) => {
  const cwd = await folderWith({ [name]: SAME[name] ?? "" });
  const loaded = await loadConfig({ cwd, env: {} });
  expect(loaded.config).toEqual(WANTED);
  expect(loaded.file).toBe(join(cwd, name));
  expect(loaded.sources).toEqual([join(cwd, name)]);
});

test("paths are relative to the folder of the file", async () => {
  const pools = { default: { path: ["py", "/abs"], cwd: "." } };
  const environments = { default: { prefix: "../venv" } };
  const config = { python: "./bin/python", pools, environments };
  const root = await folderWith({ "amphis.config.json": JSON.stringify(config), "a/b/x": "" });
  const loaded = await loadConfig({ cwd: join(root, "a/b"), env: {} });
  expect(loaded.config).toEqual({
    python: join(root, "bin/python"),
    pools: { default: { path: [join(root, "py"), "/abs"], cwd: root } },
    environments: { default: { prefix: join(root, "../venv") } },
  });
});

const UNREADABLE: readonly [string, string, string, number | undefined, number | undefined][] = [
  [
    "amphis.config.json",
    '{\n  "pools": {},\n}',
    'expected a name in double quotes; found "}"',
    3,
    1,
  ],
  ["amphis.config.json", '{ "a": tru }', 'expected a value; found "t"', 1, 8],
  ["amphis.config.json", '{ "a": 01 }', 'expected a value; found "0"', 1, 8],
  ["amphis.config.json", "", "expected a value; found the end of the file", 1, 1],
  ["amphis.config.json", '{ "a": 1, "a": 2 }', 'expected "a" once; found "\\""', 1, 11],
  ["amphis.config.json", "{} 1", 'expected the end of the file; found "1"', 1, 4],
  [
    "amphis.config.json",
    '{ "a": "x\n" }',
    'expected a text that ends with a double quote; found "\\""',
    1,
    8,
  ],
  ["amphis.config.json", "[".repeat(100_000), 'expected at most 64 levels; found "["', 1, 66],
  ["amphis.config.toml", "a = 1\n[b\nc = 2", "expected TOML; found illegal character in key", 2, 3],
  [
    "amphis.config.ts",
    "export default {\n  a: 1",
    'expected a module that can be run; found ParseError: Unexpected token, expected ","',
    2,
    7,
  ],
  [
    "amphis.config.ts",
    "const a = 1;\n\n  throw new Error('no');",
    "expected a module that can be run; found no",
    3,
    3,
  ],
  [
    "amphis.config.ts",
    "export const a = 1;",
    "expected export default defineConfig({ ... }); found no default export",
    undefined,
    undefined,
  ],
];

test.each(UNREADABLE)(
  "%s that is broken is refused at the place: case %#",
  async (name, text, message, line, column) => {
    const cwd = await folderWith({ [name]: text });
    const problems = await checkConfig({ cwd, env: {} });
    expect(problems).toEqual([
      expect.objectContaining({ source: join(cwd, name), path: "", message }),
    ]);
    expect([problems[0]?.line, problems[0]?.column]).toEqual([line, column]);
  },
);

test("a broken file is told without the texts in it", async () => {
  const cwd = await folderWith({ "amphis.config.json": '{ "TOKEN": "hunter2", x }' });
  const error = await rejection(loadConfig({ cwd, env: {} }));
  expect(String(error)).toContain(`:1:23\n`);
  expect(String(error)).toContain('1 | { "*****": "*******", x }');
  expect(String(error)).not.toContain("hunter2");
});

test("a file that is not there, a folder and a file too large are refused", async () => {
  const cwd = await folderWith({ "large.json": `"${"x".repeat(1_100_000)}"` });
  await mkdir(join(cwd, "folder.json"));
  const code = "CONFIG_NOT_FOUND";
  for (const config of ["absent.json", "large.json", "folder.json"]) {
    const error = await rejection(loadConfig({ config, cwd, env: {} }));
    expect(error).toMatchObject({ code, file: join(cwd, config) });
  }
});

test("a module is run again each time, with what it imports", async () => {
  const cwd = await folderWith({
    "amphis.config.ts": `import { workers } from "./shared.ts";\nexport default { pools: { default: { workers } } };`,
    "shared.ts": "export const workers: number = 1;",
  });
  const { config } = await loadConfig({ cwd, env: {} });
  await writeFile(join(cwd, "shared.ts"), "export const workers: number = 2;");
  const { config: later } = await loadConfig({ cwd, env: {} });
  expect([config.pools?.["default"]?.workers, later.pools?.["default"]?.workers]).toEqual([1, 2]);
});
