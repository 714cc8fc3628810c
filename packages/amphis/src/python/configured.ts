import { resolve } from "node:path";

import { nearNames } from "@amphis/protocol";

import {
  type ConfigLayer,
  type ConfiguredEnvironment,
  findConfig,
  hasVariables,
  loadConfig,
  type LoadedConfig,
  merged,
} from "../config/index.ts";
import type { PythonOptions, PythonPoolOptions } from "./contract.ts";
import { kindOf } from "./known-options.ts";
import type { ConfiguredModule, ModuleNames } from "./origin.ts";
import { DEFAULT_POOL } from "./settings.ts";

/** Options, with what is configured for the project. */
export interface Configured {
  readonly options: PythonOptions;
  readonly config?: LoadedConfig | undefined;
  readonly modules?: ModuleNames | undefined;
  /** Modules of libraries that workers load before they are ready, by pool. */
  readonly preloads?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Those that pools need. */
  readonly environments?: readonly ConfiguredEnvironment[] | undefined;
}

/**
 * Joins options with the configuration. Where there is none, nothing is loaded, and nothing waits.
 *
 * @throws {TypeError} for an option `config` that is none
 * @throws {AmphisError} CONFIG_INVALID, CONFIG_AMBIGUOUS, CONFIG_NOT_FOUND, CONFIG_UNTRUSTED
 */
export function configured(options: PythonOptions): Configured | Promise<Configured> {
  // What is wrong with other options is told by who reads them.
  if (!isObject(options) || !isObject(options.pools ?? {}) || options.config === false) {
    return unconfigured(options);
  }
  const { config = findConfig() } = options;
  if (config === undefined && !hasVariables(process.env)) return unconfigured(options);
  const isConfig = config === undefined || typeof config === "string" || typeof config === "object";
  if (!isConfig || config === null) {
    const got = kindOf(config);
    throw new TypeError(`Cannot open Python: config must be a path, options or false, got ${got}`);
  }
  const pools = Object.keys(options.pools ?? {});
  return loadConfig({ config: config ?? false, pools }).then((loaded) => joined(options, loaded));
}

function unconfigured(options: PythonOptions): Configured {
  if (isObject(options) && isObject(options.pools ?? {})) expectEnvironments(options, {});
  return { options };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function joined(options: PythonOptions, loaded: LoadedConfig): Configured {
  const { pools = {}, libraries = {} } = loaded.config;
  const { [DEFAULT_POOL]: base = {}, ...named } = pools;
  const names = new Set([...Object.keys(named), ...Object.keys(options.pools ?? {})]);
  const all = [...names].map((name) => [name, over(named[name], options.pools?.[name])] as const);
  const environments = environmentsOf(options, loaded);
  return {
    options: {
      ...over(base, options),
      python: options.python ?? interpreterOf(loaded.config),
      pools: Object.fromEntries(all),
    },
    config: loaded,
    modules: modulesOf(libraries, notEverywhere(environments, [DEFAULT_POOL, ...names])),
    preloads: preloadsOf(libraries),
    environments,
  };
}

/** What code says wins; options within options are joined. */
function over<T extends PythonPoolOptions>(
  below: PythonPoolOptions | undefined,
  own: T | undefined,
): T {
  return merged<object>(below ?? {}, own ?? {}) as T;
}

function environmentsOf(
  options: PythonOptions,
  loaded: LoadedConfig,
): readonly ConfiguredEnvironment[] {
  expectEnvironments(options, loaded.config.environments ?? {});
  const { python } = options;
  const isPath = options.python !== undefined && /[/\\]/u.test(options.python);
  const interpreter = isPath ? resolve(options.python) : python;
  const pools = Object.fromEntries(choicesOf(options));
  const all = loaded.environments({ python: interpreter, pools });
  return all.filter(({ pools }) => pools.length > 0);
}

/** What code says of environments, by pool. */
function choicesOf({
  pools = {},
  environment,
}: PythonOptions): readonly (readonly [string, string | false | undefined])[] {
  const named = Object.entries(pools).map(([name, pool]) => [name, pool?.environment] as const);
  return [[DEFAULT_POOL, environment], ...named];
}

/** @throws {TypeError} for an environment that nobody described */
function expectEnvironments(options: PythonOptions, described: object): void {
  const known = [...new Set([DEFAULT_ENVIRONMENT, ...Object.keys(described)])];
  for (const [pool, name] of choicesOf(options)) {
    // What is no name is told by who reads options.
    if (typeof name !== "string" || known.includes(name)) continue;
    const [near] = nearNames(name, known);
    const hint =
      near === undefined ? `configured are ${known.join(", ")}` : `did you mean ${near}?`;
    throw new TypeError(
      `Cannot open Python: pool ${pool} asks for the environment ${JSON.stringify(name)}, which is not in environments of the configuration; ${hint}`,
    );
  }
}

const DEFAULT_ENVIRONMENT = "default";

/** A version stands for the command of its name. What `AMPHIS_PYTHON` says is read by who looks for Python, and told as such. */
function interpreterOf({ python }: ConfigLayer): string | undefined {
  const isAsked = (process.env["AMPHIS_PYTHON"] ?? "") !== "";
  if (isAsked && process.env["AMPHIS__PYTHON"] === undefined) return undefined;
  return python !== undefined && /^3\.\d+$/u.test(python) ? `python${python}` : python;
}

/** Libraries of an environment in which some pools are not: there the module is missing, or is another version. */
function notEverywhere(
  environments: readonly ConfiguredEnvironment[],
  pools: readonly string[],
): ReadonlySet<string> {
  const partial = environments.filter((each) => pools.some((pool) => !each.pools.includes(pool)));
  return new Set(partial.flatMap(({ libraries }) => libraries));
}

/** @param bound libraries that are used in their pool alone, and not where an object that they meet is */
function modulesOf(
  libraries: NonNullable<ConfigLayer["libraries"]>,
  bound: ReadonlySet<string>,
): ModuleNames {
  const modules = new Map<string, ConfiguredModule>();
  for (const [name, { module = name, alias, pool: own }] of Object.entries(libraries)) {
    const pool = own ?? (bound.has(name) ? DEFAULT_POOL : undefined);
    for (const each of [name, module, alias]) {
      if (each !== undefined && !modules.has(each)) modules.set(each, { module, pool });
    }
  }
  return modules;
}

function preloadsOf(
  libraries: NonNullable<ConfigLayer["libraries"]>,
): ReadonlyMap<string, readonly string[]> {
  const preloads = new Map<string, string[]>();
  for (const [name, { module = name, preload, pool = DEFAULT_POOL }] of Object.entries(libraries)) {
    if (preload === true) preloads.set(pool, [...(preloads.get(pool) ?? []), module]);
  }
  return preloads;
}
