import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

const PYTHON = process.env["AMPHIS_PYTHON"] ?? "python3";
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BIN = join(ROOT, "packages/cli/dist/bin.js");
const MAKE_WHEELS = join(ROOT, "packages/amphis/test/environment/make_wheels.py");
const UV = join(ROOT, "node_modules/.cache/amphis-tools/uv/bin/uv");

/** What a command came to. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project whose packages are on no index, and the command that is run in it. */
export class Project {
  readonly folder: string;
  readonly #wheels: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor() {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "amphis-cli-")));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    this.folder = join(root, "project");
    this.#wheels = join(root, "wheels");
    mkdirSync(join(this.folder, ".git"), { recursive: true });
    const uv = process.env["AMPHIS_UV"] ?? (existsSync(UV) ? UV : undefined);
    this.#env = {
      ...process.env,
      CI: "",
      XDG_CACHE_HOME: join(root, "cache"),
      UV_CACHE_DIR: join(root, "cache", "uv"),
      PIP_CONFIG_FILE: "/dev/null",
      ...(uv === undefined ? {} : { AMPHIS_UV: uv }),
    };
  }

  publish(name: string, version: string, code: string): void {
    const files = { [`${name}/__init__.py`]: code };
    const input = JSON.stringify({ folder: this.#wheels, wheels: [{ name, version, files }] });
    execFileSync(PYTHON, [MAKE_WHEELS], { input });
  }

  /** Libraries that are installed from what was published. */
  configure(libraries: object, environments: readonly string[] = ["default"], more = {}): void {
    const own = { folders: [this.#wheels], useIndexes: false, hardware: "ignore" };
    const described = Object.fromEntries(environments.map((name) => [name, own]));
    this.write(
      "amphis.config.json",
      JSON.stringify({ libraries, environments: described, ...more }),
    );
  }

  /** Writes a file of the project. */
  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  amphis(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const options = { cwd: this.folder, env: { ...this.#env, ...env } };
    return new Promise((settle) => {
      execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) => {
        const status = error === null ? 0 : Number(error.code ?? -1);
        settle({ status, stdout, stderr });
      });
    });
  }
}
