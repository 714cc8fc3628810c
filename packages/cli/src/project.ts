import { readdir } from "node:fs/promises";

import { findConfig, hasVariables, loadConfig, type LoadedConfig } from "amphis/config";
import {
  discover,
  type DiscoveryProgress,
  type LibraryModel,
  openEnvironment,
} from "amphis/library";

import { styled, type Terminal } from "./terminal.ts";

/** What the configuration of the project says, as far as commands need it. */
export interface Project {
  readonly loaded: LoadedConfig | undefined;
  /** Modules of the configured libraries. */
  readonly libraries: readonly string[];
  /** Other names of those modules. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The Python that has them; none where whichever serves. */
  readonly python: string | undefined;
}

/** Reads the configuration of the project, if it has one, and opens the environment that it describes. */
export async function openProject(
  python: string | undefined,
  terminal: Terminal,
): Promise<Project> {
  const file = findConfig();
  if (file === undefined && !hasVariables(process.env)) {
    return { loaded: undefined, libraries: [], aliases: {}, python };
  }
  const loaded = await loadConfig(file === undefined ? {} : { config: file });
  const { libraries = {} } = loaded.config;
  const modules = Object.entries(libraries).map(([name, { module = name }]) => module);
  const aliases: Record<string, string> = {};
  for (const [name, { module = name, alias }] of Object.entries(libraries)) {
    for (const other of [name, alias]) if (other !== undefined) aliases[other] = module;
  }
  return {
    loaded,
    libraries: modules,
    aliases,
    python: python ?? (await pythonOf(loaded, terminal)),
  };
}

async function pythonOf(loaded: LoadedConfig, terminal: Terminal): Promise<string | undefined> {
  const { config } = loaded;
  const environments = loaded.environments();
  const chosen = environments.find(({ name }) => name === "default") ?? environments[0];
  if (chosen !== undefined) {
    terminal.tell(`${styled(terminal, "dim", `environment ${chosen.name}`)}\n`);
    return (await openEnvironment(chosen.request)).python;
  }
  const { python } = config;
  return python !== undefined && /^3\.\d+$/u.test(python) ? `python${python}` : python;
}

/** Describes libraries, and tells how it goes. */
export async function describe(
  libraries: readonly string[],
  python: string | undefined,
  terminal: Terminal,
): Promise<readonly LibraryModel[]> {
  return discover(libraries, {
    python,
    onProgress: (progress) => {
      const text = progressText(progress);
      if (text !== undefined) terminal.tell(`${styled(terminal, "dim", text)}\n`);
    },
  });
}

function progressText(progress: DiscoveryProgress): string | undefined {
  switch (progress.kind) {
    case "discovered":
      return `${progress.library}: ${progress.modules} module${progress.modules === 1 ? "" : "s"}`;
    case "skipped":
      return `${progress.library}: ${progress.module} could not be imported, ${progress.reason}`;
    default:
      return undefined;
  }
}

const SUFFIX = ".d.ts";

/** Libraries that have declarations in a folder. */
export async function declaredLibraries(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => file.endsWith(SUFFIX) && file !== `index${SUFFIX}`)
    .map((file) => file.slice(0, -SUFFIX.length))
    .toSorted();
}
