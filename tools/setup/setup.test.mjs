import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { findInterpreter } from "./interpreter.mjs";
import { waitForLeftover } from "./leftover.mjs";
import { withLock } from "./lock.mjs";
import { nodePackagesAreCurrent } from "./node-packages.mjs";
import { run } from "./process.mjs";
import { digest, Stamp } from "./stamp.mjs";
import { isAtLeast, parseVersion } from "./version.mjs";

const execute = promisify(execFile);

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-setup-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("version", () => {
  test.each([
    ["Python 3.13.0rc2", [3, 13, 0]],
    ["v20.19.0", [20, 19, 0]],
    ["3.10", [3, 10, 0]],
    ["Python 3.11.7 :: Anaconda 24.1.2", [3, 11, 7]],
  ])("%s is understood", (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  test.each(["", "pyenv: command not found", "7"])("%j holds no version", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test.each(
    /** @type {[import("./version.mjs").Version, boolean][]} */ ([
      [[3, 10, 0], true],
      [[3, 9, 18], false],
      [[3, 13, 0], true],
      [[2, 7, 18], false],
      [[4, 0, 0], true],
    ]),
  )("%j against 3.10 is %j", (version, expected) => {
    expect(isAtLeast(version, [3, 10, 0])).toBe(expected);
  });
});

describe.skipIf(process.platform === "win32")("interpreter", () => {
  /**
   * @param {string} name
   * @param {string} body
   */
  async function addProgram(name, body) {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  }

  test("shim that exists but does not run is passed over", async () => {
    await addProgram("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127");
    await addProgram("python3", "echo 3.11.7; echo /opt/python/bin/python3");
    expect(await findInterpreter({ PATH: folder })).toEqual({
      path: "/opt/python/bin/python3",
      version: [3, 11, 7],
    });
  });

  test("Python that is too old is named", async () => {
    await addProgram("python3", "echo 3.9.18; echo /usr/bin/python3");
    await expect(findInterpreter({ PATH: folder })).rejects.toThrow(
      "Cannot set up: Python 3.9.18 is too old, Amphis needs 3.10 or newer. Install one, or name one in AMPHIS_PYTHON",
    );
  });

  test("absence of every Python is said", async () => {
    await expect(findInterpreter({ PATH: folder })).rejects.toThrow(
      "Cannot set up: no Python was found on PATH, Amphis needs 3.10 or newer",
    );
  });

  test("AMPHIS_PYTHON is the only candidate", async () => {
    await addProgram("python3.13", "echo 3.13.0; echo /usr/bin/python3.13");
    await addProgram("mine", "echo 3.10.4; echo /mine");
    const environment = { PATH: folder, AMPHIS_PYTHON: join(folder, "mine") };
    expect(await findInterpreter(environment)).toEqual({ path: "/mine", version: [3, 10, 4] });
    await expect(findInterpreter({ ...environment, AMPHIS_PYTHON: "/gone" })).rejects.toThrow(
      "Cannot set up: AMPHIS_PYTHON names /gone, which does not run as a Python",
    );
  });
});

describe("digest", () => {
  test("changes with content, name, facts and absence of a file", async () => {
    await writeFile(join(folder, "a"), "1");
    const first = await digest(folder, ["a", "b"], ["x"]);
    expect(await digest(folder, ["b", "a"], ["x"])).toBe(first);
    const others = [
      await digest(folder, ["a", "b"], ["y"]),
      await digest(folder, ["a", "c"], ["x"]),
    ];
    await writeFile(join(folder, "b"), "");
    others.push(await digest(folder, ["a", "b"], ["x"]));
    await writeFile(join(folder, "a"), "2");
    others.push(await digest(folder, ["a", "b"], ["x"]));
    expect(new Set([first, ...others]).size).toBe(5);
  });
});

describe("stamp", () => {
  test("matches only the digest of the last success", async () => {
    const stamp = new Stamp(join(folder, "state"), "build");
    expect(await stamp.matches("a")).toBe(false);
    await stamp.set("a");
    expect([await stamp.matches("a"), await stamp.matches("b")]).toEqual([true, false]);
    await stamp.clear();
    expect(await stamp.matches("a")).toBe(false);
    expect(await readdir(join(folder, "state"))).toEqual([]);
  });
});

describe("lock", () => {
  /**
   * Starts a process that takes the lock, appends to a log, holds it a while and appends again.
   *
   * @param {string} name
   */
  function contender(name) {
    const lock = pathToFileURL(join(import.meta.dirname, "lock.mjs")).href;
    const code = `
      import { appendFileSync } from "node:fs";
      import { setTimeout as delay } from "node:timers/promises";
      const { withLock } = await import(${JSON.stringify(lock)});
      await withLock(${JSON.stringify(join(folder, "lock"))}, async () => {
        appendFileSync(${JSON.stringify(join(folder, "log"))}, "${name} in\\n");
        await delay(20);
        appendFileSync(${JSON.stringify(join(folder, "log"))}, "${name} out\\n");
      }, { pollMs: 5 });`;
    return execute(process.execPath, ["--input-type=module", "-e", code]);
  }

  test("processes that start at once go one after the other, also after a dead holder", async () => {
    await leaveLockOf(await pidOfDeadProcess(), hostname());
    await Promise.all(["a", "b", "c", "d"].map(contender));
    const lines = (await readFile(join(folder, "log"), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    for (let index = 0; index < lines.length; index += 2) {
      expect(lines[index + 1]).toBe(lines[index]?.replace(" in", " out"));
    }
    expect((await readdir(folder)).toSorted()).toEqual(["log"]);
  });

  test("lock of a killed process is taken over", async () => {
    const holder = spawn(process.execPath, [
      "-e",
      "setInterval(() => {}, 1000); console.log('up')",
    ]);
    await once(holder.stdout, "data");
    await leaveLockOf(holder.pid ?? 0, hostname());
    /** @type {number[]} */
    const waited = [];
    const taken = withLock(join(folder, "lock"), async () => "mine", {
      pollMs: 5,
      onWait: (pid) => {
        waited.push(pid);
        holder.kill("SIGKILL");
      },
    });
    expect(await taken).toBe("mine");
    expect(waited).toEqual([holder.pid]);
  });

  test("lock that shows no sign of life is taken over, whatever its process number", async () => {
    await leaveLockOf(process.pid, "another-host");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder, "lock"), longAgo, longAgo);
    expect(await withLock(join(folder, "lock"), async () => "mine")).toBe("mine");
  });

  test("wait ends with its signal and work that fails gives the lock back", async () => {
    await leaveLockOf(process.pid, hostname());
    const controller = new AbortController();
    const waiting = withLock(join(folder, "lock"), async () => "never", {
      pollMs: 5,
      signal: controller.signal,
      onWait: () => controller.abort(),
    });
    await expect(waiting).rejects.toThrow("aborted");
    await rm(join(folder, "lock"));
    const failing = withLock(join(folder, "lock"), () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(await readdir(folder)).toEqual([]);
  });

  /**
   * @param {number} pid
   * @param {string} host
   */
  async function leaveLockOf(pid, host) {
    await writeFile(join(folder, "lock"), JSON.stringify({ pid, host, token: "left" }));
  }

  async function pidOfDeadProcess() {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    return child.pid ?? 0;
  }
});

describe("tool of a killed set-up", () => {
  test("is waited for until it ends", async () => {
    const pidFile = join(folder, "tool.pid");
    const tool = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await writeFile(pidFile, `${tool.pid}\n`);
    /** @type {number[]} */
    const waited = [];
    await waitForLeftover(pidFile, {
      onWait: (pid) => {
        waited.push(pid);
        tool.kill();
      },
    });
    expect(waited).toEqual([tool.pid]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is not waited for beyond the patience, and is on record while it runs", async () => {
    const pidFile = join(folder, "tool.pid");
    const controller = new AbortController();
    const running = run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      pidFile,
      signal: controller.signal,
    });
    expect(Number(await readFile(pidFile, "utf8"))).toBeGreaterThan(0);
    await waitForLeftover(pidFile, { onWait: () => {}, patienceMs: 1 });
    controller.abort();
    expect((await running).code).toBe(128);
  });
});

describe("npm packages", () => {
  const foreign = { version: "1.0.0", optional: true, os: ["none"], cpu: ["none"] };
  const locked = {
    "": { devDependencies: { a: "1.0.0" } },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/native": {
      version: "1.0.0",
      optional: true,
      os: [process.platform],
      cpu: [process.arch],
    },
    "node_modules/native-elsewhere": foreign,
    "node_modules/own": { resolved: "packages/own", link: true },
    "packages/own": { dependencies: {} },
  };

  beforeEach(async () => {
    const { "": _root, "node_modules/native-elsewhere": _foreign, ...installed } = locked;
    for (const name of ["node_modules/a", "node_modules/native", "packages/own"]) {
      await mkdir(join(folder, name), { recursive: true });
      await writeFile(join(folder, name, "package.json"), "{}");
    }
    await symlink("../packages/own", join(folder, "node_modules/own"), "junction");
    await writeJson("package.json", { devDependencies: { a: "1.0.0" } });
    await writeJson("package-lock.json", { packages: locked });
    await writeJson("node_modules/.package-lock.json", { packages: installed });
  });

  /**
   * @param {string} path
   * @param {unknown} value
   */
  async function writeJson(path, value) {
    await writeFile(join(folder, path), JSON.stringify(value));
  }

  test("installation that equals the lockfile is current", async () => {
    expect(await nodePackagesAreCurrent(folder, { manifestsAccepted: false })).toBe(true);
  });

  test.each(
    /** @type {[string, () => Promise<void>][]} */ ([
      ["interrupted installation", () => rm(join(folder, "node_modules/.package-lock.json"))],
      ["removed folder", () => rm(join(folder, "node_modules/a"), { recursive: true })],
      [
        "removed binary for this platform",
        () => rm(join(folder, "node_modules/native"), { recursive: true }),
      ],
      ["removed link", () => rm(join(folder, "node_modules/own"))],
      ["changed manifest", () => writeJson("package.json", { devDependencies: { a: "1.0.1" } })],
      [
        "changed workspace",
        () => writeJson("packages/own/package.json", { dependencies: { a: "1.0.0" } }),
      ],
      [
        "changed lockfile",
        () =>
          writeJson("package-lock.json", {
            packages: { ...locked, "node_modules/a": { version: "1.0.1" } },
          }),
      ],
    ]),
  )("%s is not current", async (_, change) => {
    await change();
    expect(await nodePackagesAreCurrent(folder, { manifestsAccepted: false })).toBe(false);
  });

  test("manifest that npm has accepted need not repeat the lockfile word for word", async () => {
    await writeJson("package.json", { devDependencies: { a: "^1.0.0" } });
    expect(await nodePackagesAreCurrent(folder, { manifestsAccepted: true })).toBe(true);
  });
});
