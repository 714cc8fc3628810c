import { access } from "node:fs/promises";
import { join } from "node:path";

import type { Environment } from "./environment.ts";
import { broken } from "./failure.ts";
import { type InstalledPackage, installedIn } from "./installed.ts";
import { pythonIn } from "./installer.ts";
import { askInterpreter, type Interpreter, isVersion } from "./interpreter.ts";
import type { OpenEnvironmentOptions, Wanted } from "./request.ts";
import type { ToolSurroundings } from "./tool.ts";
import { unmetIn } from "./unmet.ts";
import { surroundingsOf } from "./work.ts";

/** An environment that somebody else takes care of, and what it lacks. */
export interface ExistingEnvironment {
  readonly environment: Environment;
  readonly interpreter: Interpreter;
  readonly installed: readonly InstalledPackage[];
  readonly problems: readonly string[];
}

/** @throws {AmphisError} ENVIRONMENT_BROKEN when it has not got what is asked for */
export async function openExisting(
  wanted: Wanted,
  prefix: string,
  options: OpenEnvironmentOptions,
): Promise<Environment> {
  const surroundings = surroundingsOf(wanted, options);
  const { environment, problems } = await lookAtExisting(wanted, prefix, surroundings);
  if (problems.length > 0) throw broken(wanted, prefix, problems);
  return environment;
}

/**
 * Looks at a virtual environment, or one of Conda, without changing anything.
 *
 * @throws {AmphisError} ENVIRONMENT_BROKEN when there is no Python in it
 */
export async function lookAtExisting(
  wanted: Wanted,
  prefix: string,
  surroundings: ToolSurroundings,
): Promise<ExistingEnvironment> {
  const python = await pythonOf(prefix);
  if (python === undefined) throw broken(wanted, prefix, [`there is no Python in it`]);
  const interpreter = await askInterpreter(python, surroundings);
  const installed = await installedIn(interpreter.packages);
  const { pythonVersion, requirements, environment: name } = wanted;
  const problems = [...(await unmetIn(installed, requirements, interpreter.markers))];
  if (pythonVersion !== undefined && !isVersion(interpreter.version, pythonVersion)) {
    problems.unshift(`it holds Python ${interpreter.version}, and not ${pythonVersion}`);
  }
  const environment: Environment = {
    name,
    kind: "existing",
    prefix,
    python,
    version: interpreter.version,
    packages: installed.map((each) => ({ name: each.name, version: each.version })),
    lock: undefined,
    notes: [],
  };
  return { environment, interpreter, installed, problems };
}

/** On Windows, Conda keeps it in the folder itself. */
async function pythonOf(prefix: string): Promise<string | undefined> {
  for (const path of [pythonIn(prefix), join(prefix, "python.exe")]) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
