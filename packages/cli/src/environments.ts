import { AmphisError } from "@amphis/protocol";
import { type ConfiguredEnvironment, loadConfig, type LoadedConfig } from "amphis/config";
import { ProgressLine } from "amphis/library";

import { PROCESS_TERMINAL, type Terminal } from "./terminal.ts";

/** The environments that commands work on. */
export interface ProjectEnvironments {
  readonly loaded: LoadedConfig;
  readonly environments: readonly ConfiguredEnvironment[];
}

/**
 * The environments of the project, or some of them.
 *
 * @throws {AmphisError} CONFIG_NOT_FOUND where there is no configuration; CONFIG_INVALID
 * @throws {TypeError} for a name that no environment has
 */
export async function projectEnvironments(
  act: string,
  names: readonly string[] = [],
): Promise<ProjectEnvironments> {
  const loaded = await loadConfig();
  const all = loaded.environments();
  if (loaded.file === undefined && all.length === 0) throw nothingConfigured(act, loaded.folder);
  expectEnvironments(act, names, all);
  const environments = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  return { loaded, environments };
}

/** @throws {TypeError} for a name that no environment has */
export function expectEnvironments(
  act: string,
  names: readonly string[],
  all: readonly ConfiguredEnvironment[],
): void {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const list = known.length === 0 ? "none is configured" : `configured are ${known.join(", ")}`;
  throw new TypeError(`Cannot ${act}: there is no environment ${JSON.stringify(unknown)}; ${list}`);
}

/** Where a command works on what is configured, and nothing is. */
export function nothingConfigured(act: string, folder: string): AmphisError {
  const reason = "there is none here or above";
  return new AmphisError(
    "CONFIG_NOT_FOUND",
    `Cannot ${act}: no configuration says which libraries are needed; write an amphis.config.ts that names them in libraries`,
    { file: folder, reason },
  );
}

/** What commands say where nothing is to be done. */
export const NOTHING =
  "nothing to install: no library of the configuration says version, package or extras, and no environment is described\n";

/** A line that shows progress on the terminal of this process, and on no other. */
export function progressLine(terminal: Terminal): ProgressLine {
  const { isTTY, columns } = process.stderr;
  const isShown = terminal === PROCESS_TERMINAL && isTTY === true;
  return new ProgressLine({ isTTY: isShown, columns, write: terminal.tell });
}
