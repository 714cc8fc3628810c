import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

import { type AmphisConfig, openPython, type Python, type PythonOptions } from "amphis";
import { afterEach, expect, onTestFinished, test } from "vitest";

import { NO_PYTHON } from "../missing.ts";
import { rejection } from "../wait.ts";
import { folderWith } from "./folders.ts";

const here = process.cwd();
const environment = { ...process.env };

afterEach(() => {
  process.chdir(here);
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  }
});

/** Opens Python with a folder of these files as the working folder. */
async function openIn(
  files: Readonly<Record<string, string>>,
  options: PythonOptions = {},
): Promise<Python> {
  process.chdir(await folderWith(files));
  const py = await openPython(options);
  onTestFinished(() => py.close());
  return py;
}

const FILES = {
  "amphis.config.ts": `
export default {
  libraries: {
    textwrap: { alias: "tw", preload: true },
    shapes: { module: "my_shapes.flat", alias: "sh", pool: "drawing", preload: true },
    "xml-etree": { module: "xml.etree" },
  },
  pools: {
    default: {
      workers: 1,
      path: "py",
      packages: ["json"],
      env: { set: { FROM: "file", STAGE: "any" } },
    },
    drawing: { workers: 1, packages: [] },
  },
  $test: { pools: { default: { env: { set: { STAGE: "test" } } } } },
};
`,
  "py/my_shapes/__init__.py": "",
  "py/my_shapes/flat.py": "def area(a, b):\n    return a * b\n",
};

const LOADED =
  "[name for name in ['json', 'textwrap', 'my_shapes.flat'] if name in __import__('sys').modules]";

test("openPython opens the pools of the file, with their folders, modules and variables", async () => {
  const py = await openIn(FILES, { config: "amphis.config.ts" });
  expect(py.pools).toEqual(["default", "drawing"]);
  expect(py.config?.stage).toBe("test");
  const environ = await py.eval("[__import__('os').environ[name] for name in ['FROM', 'STAGE']]");
  expect(environ).toEqual(["file", "test"]);
  expect(await py.eval(LOADED)).toEqual(["json", "textwrap"]);
  const drawing = await py.eval(LOADED).with({ pool: "drawing" });
  expect(drawing).toContain("my_shapes.flat");
  expect(drawing).not.toContain("textwrap");
  expect(await py.call("my_shapes.flat:area", [3, 4])).toBe(12);
});

test("libraries are imported by their names and aliases, and what is below them too", async () => {
  const py = await openIn(FILES);
  expect(await py.import("tw").shorten("hello big world", 11)).toBe("hello [...]");
  expect(await py.import("textwrap").dedent("  x")).toBe("x");
  expect(await py.import("sh").area(3, 4)).toBe(12);
  const fromName = py.import("xml-etree.ElementTree").fromstring("<a><b/></a>");
  expect(await fromName.tag).toBe("a");
  await using session = await py.session();
  expect(await session.import("sh").area(5, 6)).toBe(30);
  expect(session.worker).toBe(py.status().pools["default"]?.workers[0]?.number);
  // An alias is no part of a name.
  await expect(py.import("shx")).rejects.toMatchObject({ code: "PYTHON_IMPORT_FAILED" });
});

test("a library is worked with in its pool, unless a session or the call names another", async () => {
  const files = {
    "amphis.config.toml": `
[libraries.os]
pool = "side"
[pools.default]
workers = 1
env.set.WHERE = "default"
[pools.side]
workers = 1
env.set.WHERE = "side"
`,
  };
  const py = await openIn(files);
  const os = await py.import("os");
  expect(await os.getenv("WHERE")).toBe("side");
  expect(await py.import("os.path").basename("a/b")).toBe("b");
  expect(await py.import("os").getenv("WHERE").with({ pool: "default" })).toBe("default");
  await using session = await py.session();
  expect(await session.import("os").getenv("WHERE")).toBe("default");
  const numbers = await py.import("statistics").median([1, 2, 9]);
  expect(numbers).toBe(2);
});

test("options and variables win over the file", async () => {
  process.env["AMPHIS__POOLS__DRAWING__ENV__SET__FROM"] = "variable";
  const py = await openIn(FILES, {
    env: { set: { STAGE: "code" } },
    pools: { drawing: { env: { set: { MORE: "code" } } }, other: { workers: 1 } },
  });
  expect(py.pools).toEqual(["default", "drawing", "other"]);
  const names = "[__import__('os').environ.get(name) for name in ['FROM', 'STAGE', 'MORE']]";
  expect(await py.eval(names)).toEqual(["file", "code", null]);
  expect(await py.eval(names).with({ pool: "drawing" })).toEqual(["variable", null, "code"]);
  expect(await py.eval(names).with({ pool: "other" })).toEqual(["file", "code", null]);
});

test("variables are options where there is no file", async () => {
  process.env["AMPHIS__POOLS__SIDE__WORKERS"] = "1";
  const py = await openIn({}, { workers: 1 });
  expect(py.pools).toEqual(["default", "side"]);
  expect(py.config?.file).toBeUndefined();
});

test("false is no configuration, and an object is one", async () => {
  const without = await openIn(FILES, { config: false, workers: 1 });
  expect(without.pools).toEqual(["default"]);
  expect(without.config).toBeUndefined();
  const config: AmphisConfig = {
    libraries: { statistics: { alias: "st" } },
    pools: { io: { workers: 1 } },
  };
  const given = await openPython({ config, workers: 1 });
  onTestFinished(() => given.close());
  expect(given.pools).toEqual(["default", "io"]);
  expect(await given.import("st").median([1, 2, 9])).toBe(2);
  expect(await given.config?.explain("pools.io.workers")).toMatchObject({
    origins: [{ source: "code" }],
  });
});

test("the interpreter of the file is used, and AMPHIS_PYTHON wins over it", async ({ skip }) => {
  const python = process.env["AMPHIS_PYTHON"];
  if (python === undefined) return skip(NO_PYTHON);
  const root = await folderWith({ "amphis.config.json": '{ "python": "bin/python" }' });
  await mkdir(join(root, "bin"));
  await symlink("/nowhere/python", join(root, "bin/python"));
  process.chdir(root);
  const py = await openPython({ workers: 1 });
  onTestFinished(() => py.close());
  expect(await py.config?.explain("python")).toMatchObject({
    origins: [{ source: "AMPHIS_PYTHON" }, { source: join(root, "amphis.config.json") }],
  });
  const error = await rejection(
    openPython({ config: { python: "bin/python" }, python: "./bin/python" }),
  );
  expect(error).toMatchObject({ code: "PYTHON_NOT_FOUND" });
});

test("mistakes in the file end openPython before anything is started", async () => {
  const files = { "amphis.config.json": '{ "pools": { "default": { "workers": 0 } } }' };
  const error = await rejection(openIn(files));
  expect(error).toMatchObject({ code: "CONFIG_INVALID", problems: [{ line: 1, column: 38 }] });
  expect(await rejection(openPython({ config: "absent.ts" }))).toMatchObject({
    code: "CONFIG_NOT_FOUND",
  });
  await expect(openPython({ config: 5 as unknown as string })).rejects.toThrow(
    new TypeError("Cannot open Python: config must be a path, options or false, got number"),
  );
  await expect(openPython({ wokers: 1 } as PythonOptions)).rejects.toBeInstanceOf(Error);
});

test("a library may use a pool that only code opens, and no pool that nobody does", async () => {
  const files = { "amphis.config.json": '{ "libraries": { "math": { "pool": "late" } } }' };
  const error = await rejection(openIn(files));
  expect(error).toMatchObject({ problems: [{ path: "libraries.math.pool" }] });
  const py = await openPython({ workers: 1, pools: { late: { workers: 1 } } });
  onTestFinished(() => py.close());
  expect(py.pools).toEqual(["default", "late"]);
});
