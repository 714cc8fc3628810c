import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { type AmphisConfig, attribute, openPython, type Python, type PythonOptions } from "amphis";
import { loadConfig } from "amphis/config";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";

import { type Project, projectWith, PYTHON, temporaryFolder } from "../environment/project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000 });

const environment = { ...process.env };

afterEach(() => {
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(environment, name)) delete process.env[name];
  }
  Object.assign(process.env, environment);
});

/** A project whose environments are made of its own wheels. */
function configuredProject(config: AmphisConfig): Project {
  const project = projectWith();
  Object.assign(process.env, project.env, { CI: "" });
  const own = { folders: [project.wheels], useIndexes: false, hardware: "ignore" } as const;
  const described = { default: {}, ...config.environments } as NonNullable<
    AmphisConfig["environments"]
  >;
  const environments = Object.entries(described).map(([name, each]) => [
    name,
    each.prefix === undefined ? { ...own, ...each } : each,
  ]);
  const whole = { ...config, environments: Object.fromEntries(environments) as unknown };
  writeFileSync(join(project.folder, "amphis.config.json"), JSON.stringify(whole));
  return project;
}

async function openIn({ folder }: Project, options: PythonOptions = {}): Promise<Python> {
  const config = join(folder, "amphis.config.json");
  const py = await openPython({ config, workers: 1, memory: false, ...options });
  onTestFinished(() => py.close());
  return py;
}

test("libraries of a configuration are installed, locked and called, in several versions side by side", async () => {
  const project = configuredProject({
    libraries: {
      alpha: { version: ">=2" },
      old: { package: "alpha", version: "1.0", module: "alpha", pool: "legacy" },
      statistics: { alias: "st" },
    },
    pools: { legacy: { workers: 1, environment: "legacy" } },
    environments: { legacy: {}, unused: { dependencies: ["broken"] } },
  });
  const told: string[] = [];
  const py = await openIn(project, {
    pools: { plain: { workers: 1, environment: false } },
    onProgress: ({ environment: name, kind }) => void told.push(`${name} ${kind}`),
  });

  expect(await py.import("alpha").VERSION).toBe("2.0");
  expect(await py.import("old").VERSION).toBe("1.0");
  expect(await py.import("st").median([1, 2, 9])).toBe(2);
  await expect(py.call("alpha:x", [], { pool: "plain" })).rejects.toMatchObject({
    code: "PYTHON_IMPORT_FAILED",
  });
  // No object takes a library into the environment of its other version.
  const old = await py.import("old");
  for (const attempt of [
    () => attribute(py.import("alpha"), "__dict__").get(old),
    () => py.call("alpha:__dict__.get", [old]),
    async () => attribute(await py.import("alpha"), "__dict__").get(old),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: "HANDLE_ELSEWHERE" });
  }
  expect(await old.VERSION).toBe("1.0");
  // What would be installed by hand would not be in the lock.
  await expect(py.call("cv2:imread")).rejects.toMatchObject({
    code: "PYTHON_IMPORT_FAILED",
    install: expect.stringMatching(
      /^npx amphis install {2}# after naming opencv-python in libraries/u,
    ),
  });
  const lock = join(project.folder, "amphis.lock");
  const known = { kind: "made", lock, lockState: "written", notes: [] };
  expect(py.environments()).toMatchObject([
    {
      ...known,
      name: "default",
      pools: ["default"],
      libraries: ["alpha"],
      packages: [{ name: "alpha", version: "2.0" }],
    },
    {
      ...known,
      name: "legacy",
      pools: ["legacy"],
      libraries: ["old"],
      packages: [{ name: "alpha", version: "1.0" }],
    },
  ]);
  const [first] = py.environments();
  expect(py.status()).toMatchObject({ python: first?.python, environments: py.environments() });
  expect(told).toContain("default resolving");
  expect(told).toContain("legacy done");
  expect(told.join()).not.toContain("unused");

  const written = readFileSync(lock, "utf8");
  told.length = 0;
  const again = await openIn(project, {
    onProgress: ({ environment: name, kind }) => void told.push(`${name} ${kind}`),
  });
  expect(told).toEqual(["default done", "legacy done"]);
  expect(again.environments().map(({ lockState }) => lockState)).toEqual(["kept", "kept"]);
  expect(await again.import("alpha").VERSION).toBe("2.0");
  expect(readFileSync(lock, "utf8")).toBe(written);
});

test("an environment that is there already is used as it is, and what it lacks is told", async () => {
  const made = await openIn(configuredProject({ libraries: { alpha: { version: "1.0" } } }));
  const [{ prefix } = { prefix: "" }] = made.environments();
  const environments = { default: { prefix } };
  const project = configuredProject({ libraries: { alpha: { version: "<2" } }, environments });
  const py = await openIn(project);
  expect(await py.import("alpha").VERSION).toBe("1.0");
  expect(py.environments()).toMatchObject([{ kind: "existing", prefix, lockState: "none" }]);
  expect(existsSync(join(project.folder, "amphis.lock"))).toBe(false);

  const newer = configuredProject({ libraries: { alpha: { version: ">=2" } }, environments });
  expect(await rejection(openIn(newer))).toMatchObject({
    code: "ENVIRONMENT_BROKEN",
    problems: ["alpha 1.0 is installed, and not >=2"],
  });
});

test("where CI is set, libraries are installed as they are locked or not at all", async () => {
  const project = configuredProject({ libraries: { alpha: {}, omega: { version: "1.0" } } });
  process.env["CI"] = "true";
  expect(await rejection(openIn(project))).toMatchObject({
    code: "ENVIRONMENT_LOCK_STALE",
    added: ["omega==1.0"],
    message: expect.stringContaining("and commit it"),
  });
  expect(existsSync(join(project.folder, ".amphis"))).toBe(false);
  process.env["AMPHIS__ENVIRONMENTS__DEFAULT__FROZEN"] = "false";
  const py = await openIn(project);
  expect(await py.import("omega").VERSION).toBe("1.0");
});

test("an environment is made of what the configuration says, and frozen where CI is set", async () => {
  const cwd = temporaryFolder();
  const config: AmphisConfig = {
    python: "3.12",
    libraries: { np: { package: "numpy", module: "numpy" }, json: { alias: "js" } },
    pools: { side: {}, other: { environment: "legacy" } },
    environments: { legacy: { python: "3.11", frozen: false, prefix: "/venv" }, spare: {} },
  };
  const loaded = await loadConfig({ config, cwd, env: {} });
  const requestIn = (env: Readonly<Record<string, string>>, name: string): unknown =>
    loaded.environments({ env }).find((each) => each.name === name);
  expect(requestIn({}, "default")).toMatchObject({
    pools: ["default", "side"],
    libraries: ["np"],
    request: {
      project: cwd,
      python: "3.12",
      frozen: false,
      libraries: [{ package: "numpy", modules: ["numpy"] }],
    },
  });
  expect(requestIn({ CI: "1" }, "default")).toMatchObject({ request: { frozen: true } });
  expect(requestIn({ CI: "false" }, "default")).toMatchObject({ request: { frozen: false } });
  expect(requestIn({ CI: "true" }, "legacy")).toMatchObject({
    pools: ["other"],
    request: { python: "3.11", frozen: false, prefix: "/venv" },
  });
  expect(requestIn({}, "spare")).toMatchObject({ pools: [], libraries: [] });
  const bare = await loadConfig({ config: { libraries: { json: {} }, pools: { a: {} } }, env: {} });
  expect(bare.environments()).toEqual([]);
});

test("an environment that nobody described is refused with a near name", async () => {
  const config: AmphisConfig = { environments: { legacy: {} } };
  await expect(openPython({ config, environment: "legcy" })).rejects.toThrow(
    'Cannot open Python: pool default asks for the environment "legcy", which is not in environments of the configuration; did you mean legacy?',
  );
  const pools = { side: { environment: "other" } };
  await expect(openPython({ config: false, pools })).rejects.toThrow("configured are default");
  const wrong = { environment: true as unknown as false };
  await expect(openPython({ config: false, ...wrong })).rejects.toThrow("must be a name, or false");
  const onProgress = "line" as unknown as () => void;
  await expect(openPython({ config: false, onProgress })).rejects.toThrow(
    "Cannot open Python: onProgress must be a function, got string",
  );
});

const run = promisify(execFile);
const program = fileURLToPath(new URL("../programs/python-opener.mjs", import.meta.url));

/** Runs a program with a terminal for its standard error, and prints what came there. */
const IN_TERMINAL = `
import os, pty, subprocess, sys
mine, its = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=its, stdin=subprocess.DEVNULL)
os.close(its)
said = b""
while True:
    try:
        piece = os.read(mine, 65536)
    except OSError:
        break
    if not piece:
        break
    said += piece
child.wait()
sys.stdout.buffer.write(said)
`;

test("what takes long is shown in one line of a terminal, and nothing where there is nothing to do", async () => {
  const project = configuredProject({ libraries: { alpha: { version: "2.0" } } });
  const config = join(project.folder, "amphis.config.json");
  const options = JSON.stringify({ config, workers: 1 });
  const env = process.env;

  const inTerminal = ["-c", IN_TERMINAL, process.execPath, program, options];
  const first = await run(PYTHON, inTerminal, { env });
  expect(first.stdout).toContain(
    "\rPython environment default: choosing versions for one requirement",
  );
  expect(first.stdout).toContain("installing alpha==2.0 (1 of 1)");
  expect(first.stdout).toMatch(/default: one package installed in [\d.]+ s\u001B\[K\r\n$/u);
  expect((await run(PYTHON, inTerminal, { env })).stdout).toBe("");

  const plain = await run(process.execPath, [program, options, "__import__('alpha').VERSION"], {
    env,
  });
  expect(plain.stderr).toBe("");
  const { answer, files } = JSON.parse(plain.stdout) as { answer: string; files: string[] };
  expect(answer).toBe("2.0");
  expect(files.filter((file) => file.endsWith("/environments.js"))).toHaveLength(1);

  // Where nothing is configured, nothing of all this is loaded.
  const bare = await run(process.execPath, [program, '{"config":false,"workers":1}'], { env });
  const { files: few } = JSON.parse(bare.stdout) as { files: string[] };
  expect(
    few.filter((file) => /\/(?:environments|library|load-config)\.js$|\/library\//u.test(file)),
  ).toEqual([]);
  expect(few.length).toBeGreaterThan(0);
});
