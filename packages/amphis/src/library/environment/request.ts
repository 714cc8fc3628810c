import { isAbsolute, resolve } from "node:path";

import type { PythonEnvironmentOptions } from "../environment-options.ts";
import { ENVIRONMENT_NAME } from "./lock.ts";
import type { OnProgress } from "./progress.ts";
import {
  formatRequirement,
  type LibraryRequirement,
  parseRequirement,
  requirementOf,
} from "./requirement.ts";

/** An environment that is asked for. Relative paths start at the folder of the project. */
export interface EnvironmentRequest extends PythonEnvironmentOptions {
  /** Folder of the project: `amphis.lock` and `.amphis` are in it. @default the working directory */
  readonly project?: string | undefined;
  /** A project may have several, side by side. @default "default" */
  readonly name?: string | undefined;
  /** @default [] */
  readonly libraries?: readonly LibraryRequirement[] | undefined;
}

/** How an environment is opened. */
export interface OpenEnvironmentOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Ends the work, with the tools that do it; nothing half made is used later. */
  readonly signal?: AbortSignal | undefined;
  /** Whether only what is in the cache, and in folders, may be installed. @default false */
  readonly offline?: boolean | undefined;
  /** Where tools and their settings are looked for. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A request that was judged, with its defaults. */
export interface Wanted {
  readonly environment: string;
  readonly project: string;
  /** Sorted, in one form. */
  readonly requirements: readonly string[];
  readonly modules: readonly string[];
  readonly pythonVersion: string | undefined;
  /** Or a command. */
  readonly pythonPath: string | undefined;
  readonly prefix: string | undefined;
  readonly indexes: readonly string[];
  readonly folders: readonly string[];
  readonly useIndexes: boolean;
  readonly builds: boolean;
  readonly tool: "uv" | "pip" | undefined;
  readonly pythonDownloads: boolean;
  readonly frozen: boolean;
  readonly hardware: "note" | "require" | "ignore";
}

/** @throws {TypeError} for what can be seen to be wrong without looking at the machine */
export function wantedOf(request: EnvironmentRequest): Wanted {
  const { libraries = [], dependencies = [], name = "default", python } = request;
  if (!ENVIRONMENT_NAME.test(name)) {
    throw new TypeError(
      `Cannot open environment ${JSON.stringify(name)}: its name must be small letters, digits, hyphens and underscores`,
    );
  }
  const project = resolve(request.project ?? ".");
  const { hardware = "note", tool } = request;
  checkOneOf("hardware", hardware, ["note", "require", "ignore"]);
  if (tool !== undefined) checkOneOf("tool", tool, ["uv", "pip"]);
  const wanted = [
    ...libraries.map(requirementOf),
    ...dependencies.map((text) => parseRequirement(text)),
  ];
  return {
    environment: name,
    project,
    requirements: [...new Set(wanted.map(formatRequirement))].sort(),
    modules: [...new Set(libraries.flatMap(({ modules = [] }) => modules.map(checkModule)))],
    ...pythonOf(python, project),
    prefix: request.prefix === undefined ? undefined : resolve(project, request.prefix),
    indexes: (request.indexes ?? []).map(checkVariable),
    folders: (request.folders ?? []).map((folder) => resolve(project, folder)),
    useIndexes: request.useIndexes ?? true,
    builds: request.builds ?? false,
    tool,
    pythonDownloads: request.pythonDownloads ?? false,
    frozen: request.frozen ?? false,
    hardware,
  };
}

/** @throws {TypeError} also for an environment that is not ours to change */
export function wantedToChange(act: "repair" | "update", request: EnvironmentRequest): Wanted {
  const wanted = wantedOf(request);
  if (wanted.prefix === undefined) return wanted;
  throw new TypeError(
    `Cannot ${act} environment ${wanted.environment}: it was there already, so that its own tool must ${act} it`,
  );
}

function pythonOf(
  python: string | undefined,
  project: string,
): Pick<Wanted, "pythonVersion" | "pythonPath"> {
  if (python === undefined) return { pythonVersion: undefined, pythonPath: undefined };
  const [, version] = /^(?:python)?(3\.\d{1,3}(?:\.\d{1,3})?)$/u.exec(python) ?? [];
  if (version !== undefined) return { pythonVersion: version, pythonPath: undefined };
  if (isAbsolute(python) || python.includes("/")) {
    return { pythonVersion: undefined, pythonPath: resolve(project, python) };
  }
  if (/^[A-Za-z][\w.+-]*$/u.test(python)) return { pythonVersion: undefined, pythonPath: python };
  throw new TypeError(
    `Cannot open an environment with Python ${JSON.stringify(python)}: write a version, such as "3.12", a path, or a command`,
  );
}

function checkModule(name: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(name)) return name;
  throw new TypeError(`Cannot check module ${JSON.stringify(name)}: it is no dotted name`);
}

function checkVariable(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name)) return name;
  throw new TypeError(
    `Cannot use ${JSON.stringify(name)} as the variable that holds the address of an index: give a name, not an address`,
  );
}

function checkOneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new TypeError(
    `Cannot open an environment: ${option} must be one of ${known.join(", ")}, got ${JSON.stringify(value)}`,
  );
}
