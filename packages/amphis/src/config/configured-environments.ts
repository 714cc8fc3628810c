import type { EnvironmentRequest, LibraryOptions } from "../library/index.ts";
import type { ConfigLayer } from "./options.ts";

/** An environment of a project, and who needs it. */
export interface ConfiguredEnvironment {
  readonly name: string;
  /** What `openEnvironment` takes. */
  readonly request: EnvironmentRequest;
  /** Pools whose workers run in it; none where it is only described. */
  readonly pools: readonly string[];
  /** Libraries that are installed in it, by the names under which they are configured. */
  readonly libraries: readonly string[];
}

/** What is known beside the configuration. */
export interface ConfiguredEnvironmentsOptions {
  /** What is said of `python` elsewhere. @default what the configuration says */
  readonly python?: string | undefined;
  /** What pools say that the configuration does not know, or say otherwise; false: no environment. @default {} */
  readonly pools?: Readonly<Record<string, string | false | undefined>> | undefined;
  /** `CI` is read. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const DEFAULT = "default";

/** See `LoadedConfig.environments`. */
export function configuredEnvironments(
  config: ConfigLayer,
  project: string,
  { python = config.python, pools: own = {}, env = process.env }: ConfiguredEnvironmentsOptions,
): readonly ConfiguredEnvironment[] {
  const { libraries = {}, environments = {}, pools = {} } = config;
  const base = own[DEFAULT] ?? pools[DEFAULT]?.environment;
  const chosenBy = (pool: string): string | false | undefined =>
    own[pool] ?? pools[pool]?.environment ?? base;
  const members = new Map<string, Parts>();
  const partsOf = (name: string): Parts => {
    const parts = members.get(name) ?? { pools: [], libraries: [] };
    members.set(name, parts);
    return parts;
  };
  for (const name of Object.keys(environments)) partsOf(name);
  for (const [name, library] of Object.entries(libraries)) {
    const chosen = chosenBy(library.pool ?? DEFAULT) ?? DEFAULT;
    if (isInstalled(library) && chosen !== false) partsOf(chosen).libraries.push(name);
  }
  for (const pool of new Set([DEFAULT, ...Object.keys(pools), ...Object.keys(own)])) {
    const chosen = chosenBy(pool);
    // The default one is there when somebody said something about it.
    if (chosen === undefined ? members.has(DEFAULT) : chosen !== false) {
      partsOf(chosen === undefined || chosen === false ? DEFAULT : chosen).pools.push(pool);
    }
  }
  return [...members].map(([name, parts]) => ({
    name,
    request: requestOf(name, { ...config, python }, parts.libraries, project, env),
    ...parts,
  }));
}

interface Parts {
  readonly pools: string[];
  readonly libraries: string[];
}

function isInstalled({ package: name, version, extras }: LibraryOptions): boolean {
  return name !== undefined || version !== undefined || extras !== undefined;
}

function requestOf(
  name: string,
  { libraries = {}, environments = {}, python }: ConfigLayer,
  installed: readonly string[],
  project: string,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentRequest {
  const own = environments[name] ?? {};
  // What that variable names is looked at by who looks for Python, and serves when it has the version of the lock.
  const isFallback = python === env["AMPHIS_PYTHON"] && env["AMPHIS__PYTHON"] === undefined;
  return {
    // One that is taken as it is has its own Python.
    python: isFallback || own.prefix !== undefined ? undefined : python,
    ...own,
    frozen: own.frozen ?? isContinuousIntegration(env),
    name,
    project,
    libraries: installed.map((library) => {
      const {
        package: own = library,
        version,
        extras,
        module = library,
      } = libraries[library] ?? {};
      return { package: own, version, extras, modules: [module] };
    }),
  };
}

/** Machines that build and test a project set it; what they install is what was committed. */
function isContinuousIntegration({
  CI = "",
}: Readonly<Record<string, string | undefined>>): boolean {
  return !/^(?:|0|false)$/iu.test(CI);
}
