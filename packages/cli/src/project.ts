import { readdir } from "node:fs/promises";

import {
  type ConfiguredEnvironment,
  type ConfiguredLibrary,
  findConfig,
  hasVariables,
  loadConfig,
  type LoadedConfig,
} from "amphis/config";
import {
  discover,
  type DiscoveryProgress,
  type LibraryModel,
  openEnvironment,
} from "amphis/library";

import { expectEnvironments } from "./environments.ts";
import { type Place, placed, type PlacedName } from "./places.ts";
import { styled, type Terminal } from "./terminal.ts";

/** What commands are told of the Python to ask. */
export interface ProjectFlags {
  /** One for all, whatever is configured. */
  readonly python?: string | undefined;
  /** Libraries of this environment only. */
  readonly environment?: string | undefined;
}

const DEFAULT_POOL = "default";

/** A project: the libraries that its configuration names, and the Pythons that have them. */
export class Project {
  readonly loaded: LoadedConfig | undefined;
  /** What is configured; of one environment, where that was asked for. */
  readonly libraries: readonly ConfiguredLibrary[];
  /** Where everything else is looked for: the environment that was asked for, else that of the default pool. */
  readonly main: string | undefined;
  readonly #python: string | undefined;
  readonly #environments: readonly ConfiguredEnvironment[];
  readonly #terminal: Terminal;
  readonly #opened = new Map<string, Promise<string>>();

  private constructor(
    loaded: LoadedConfig | undefined,
    { python, environment }: ProjectFlags,
    terminal: Terminal,
  ) {
    this.loaded = loaded;
    this.#python = python;
    this.#environments = python === undefined ? (loaded?.environments() ?? []) : [];
    this.#terminal = terminal;
    const usual = this.#environments.find(({ pools }) => pools.includes(DEFAULT_POOL))?.name;
    this.main = environment ?? usual;
    this.libraries = (loaded?.libraries() ?? [])
      .filter((one) => environment === undefined || one.environment === environment)
      .map((one) => (python === undefined ? one : { ...one, environment: undefined }));
  }

  /**
   * Reads the configuration, if there is one. Environments are opened when they are first needed.
   *
   * @throws {TypeError} for an environment that is not configured
   */
  static async open(act: string, flags: ProjectFlags, terminal: Terminal): Promise<Project> {
    const file = findConfig();
    const isConfigured = file !== undefined || hasVariables(process.env);
    const loaded = isConfigured
      ? await loadConfig(file === undefined ? {} : { config: file })
      : undefined;
    const { environment } = flags;
    if (environment !== undefined) {
      expectEnvironments(act, [environment], loaded?.environments() ?? []);
    }
    return new Project(loaded, flags, terminal);
  }

  /** What a name begins with: a library of the configuration, or a module that the project has without one. */
  placed(path: string): PlacedName {
    const found = placed(path, this.libraries);
    if (found !== undefined) return found;
    const [module = path] = path.split(".", 1);
    return { place: this.module(module), rest: path.slice(module.length) };
  }

  /** The library of the configuration that a place is. */
  configured({ module, environment }: Place): ConfiguredLibrary | undefined {
    return this.libraries.find((one) => one.module === module && one.environment === environment);
  }

  /** A module that is not configured. */
  module(name: string, environment: string | undefined = this.main): Place {
    const pools = this.loaded?.config.pools ?? {};
    const folders = pools[DEFAULT_POOL]?.path ?? [];
    const path = typeof folders === "string" ? [folders] : folders;
    return { name, module: name, environment, path };
  }

  /** Names under which `py.import` finds modules of an environment, other than their own. */
  names(environment: string | undefined): Readonly<Record<string, string>> {
    const all = this.libraries.flatMap(({ name, alias }) => [name, alias]);
    const names: Record<string, string> = {};
    for (const name of all) {
      const place = name === undefined ? undefined : placed(name, this.libraries)?.place;
      if (place === undefined || place.environment !== environment) continue;
      if (place.name !== place.module) names[place.name] = place.module;
    }
    return names;
  }

  /** @throws {TypeError} for a name that no environment has */
  expectEnvironments(act: string, names: readonly string[]): void {
    expectEnvironments(act, names, this.loaded?.environments() ?? []);
  }

  /** The Python of an environment, which is made where it is not there yet; nothing where whichever is found serves. */
  async python(name: string | undefined): Promise<string | undefined> {
    if (this.#python !== undefined) return this.#python;
    const chosen = this.#environments.find((one) => one.name === name);
    if (chosen !== undefined) return this.#open(chosen);
    const python = this.loaded?.config.python;
    return python !== undefined && /^3\.\d+$/u.test(python) ? `python${python}` : python;
  }

  /** Describes libraries, in their order, and tells how it goes. */
  async describe(places: readonly Place[]): Promise<readonly LibraryModel[]> {
    const models: LibraryModel[] = [];
    for (const { module, environment, path } of places) {
      const python = await this.python(environment);
      const onProgress = (progress: DiscoveryProgress): void => this.#tell(progress);
      models.push(...(await discover([module], { python, path, onProgress })));
    }
    return models;
  }

  #open({ name, request }: ConfiguredEnvironment): Promise<string> {
    const before = this.#opened.get(name);
    if (before !== undefined) return before;
    const terminal = this.#terminal;
    terminal.tell(`${styled(terminal, "dim", `environment ${name}`)}\n`);
    const opened = openEnvironment(request).then(({ python }) => python);
    this.#opened.set(name, opened);
    return opened;
  }

  #tell(progress: DiscoveryProgress): void {
    const text = progressText(progress);
    if (text !== undefined) this.#terminal.tell(`${styled(this.#terminal, "dim", text)}\n`);
  }
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
