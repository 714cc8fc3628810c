import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

import type { EnvironmentRequest } from "../../src/library/environment/index.ts";

export const PYTHON: string = process.env["AMPHIS_PYTHON"] ?? "python3";
const HERE = fileURLToPath(new URL(".", import.meta.url));
const TOOLS = fileURLToPath(
  new URL("../../../../node_modules/.cache/amphis-tools", import.meta.url),
);

export interface WheelDescription {
  readonly name: string;
  readonly version: string;
  readonly requires?: readonly string[];
  readonly extras?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** Packages that know, need and contradict each other. */
export const WHEELS: readonly WheelDescription[] = [
  { name: "alpha", version: "1.0" },
  { name: "alpha", version: "2.0" },
  { name: "beta", version: "1.0", requires: ["alpha<2"] },
  { name: "gamma", version: "1.0", requires: ["alpha>=2"] },
  {
    name: "delta",
    version: "1.0",
    requires: [
      "alpha; sys_platform != 'win32'",
      "gamma; extra == 'fast'",
      "omega; sys_platform == 'win32'",
    ],
    extras: ["fast"],
  },
  { name: "omega", version: "1.0" },
  { name: "broken", version: "1.0", files: { "broken/__init__.py": "import not_there\n" } },
  {
    name: "deadly",
    version: "1.0",
    files: { "deadly/__init__.py": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" },
  },
];

export function makeWheels(folder: string, wheels: readonly WheelDescription[] = WHEELS): string {
  const input = JSON.stringify({ folder, wheels });
  execFileSync(PYTHON, [join(HERE, "make_wheels.py")], { input });
  return folder;
}

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "amphis-environment-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Variables without settings of whoever runs the tests, and with caches of their own. */
export function cleanEnv(
  cache: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:PIP|UV|XDG)_/u.test(name));
  const paths = {
    XDG_CACHE_HOME: cache,
    UV_CACHE_DIR: join(cache, "uv"),
    PIP_CONFIG_FILE: "/dev/null",
  };
  const uv = uvPath();
  const tool = uv === undefined ? {} : { AMPHIS_UV: uv };
  return { ...(Object.fromEntries(own) as Record<string, string>), ...paths, ...tool, ...more };
}

export interface Project {
  readonly folder: string;
  readonly wheels: string;
  readonly env: Record<string, string>;
  readonly lockFile: string;
  /** A request that only the project's own wheels answer. */
  request(more?: EnvironmentRequest): EnvironmentRequest;
  /** The folder of another project, with a lock. */
  beside(name: string, lock: Buffer): string;
}

/** An empty project beside a folder with wheels. */
export function projectWith(wheels: readonly WheelDescription[] = WHEELS): Project {
  const root = temporaryFolder();
  const folder = join(root, "project");
  mkdirSync(folder);
  const packages = makeWheels(join(root, "wheels"), wheels);
  return {
    folder,
    wheels: packages,
    env: cleanEnv(join(root, "cache")),
    lockFile: join(folder, "amphis.lock"),
    request: (more = {}) => ({
      project: folder,
      folders: [packages],
      useIndexes: false,
      hardware: "ignore",
      ...more,
    }),
    beside: (name, lock) => {
      const other = join(root, name);
      mkdirSync(other);
      writeFileSync(join(other, "amphis.lock"), lock);
      return other;
    },
  };
}

let uv: { readonly path: string | undefined } | undefined;

/** The uv of this machine, or one that is installed beside the dependencies of the repository; none where that cannot be. */
export function uvPath(): string | undefined {
  uv ??= { path: process.env["AMPHIS_UV"] ?? inPath("uv") ?? installedUv() };
  return uv.path;
}

export const NO_UV = "uv is not installed and cannot be downloaded";

function inPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function installedUv(): string | undefined {
  const path = join(TOOLS, "uv", "bin", "uv");
  if (existsSync(path)) return path;
  const arriving = join(TOOLS, `arriving-${process.pid}`);
  try {
    const args = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--only-binary",
      ":all:",
      "--target",
      arriving,
      "uv",
    ];
    execFileSync(PYTHON, args, { stdio: "ignore", timeout: 60_000 });
    renameSync(arriving, join(TOOLS, "uv"));
  } catch {
    // There is no index that can be reached, or another test was first.
    rmSync(arriving, { recursive: true, force: true });
  }
  return existsSync(path) ? path : undefined;
}
