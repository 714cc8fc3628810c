import { join } from "node:path";

import { nearNames } from "@amphis/protocol";

import type { LibraryInUse } from "../library/index.ts";
import { type ConfigPath, formatPath, parsePath, valueAt } from "./config-path.ts";
import {
  type ConfiguredEnvironment,
  configuredEnvironments,
  type ConfiguredEnvironmentsOptions,
} from "./configured-environments.ts";
import { type ConfiguredLibrary, configuredLibraries } from "./configured-libraries.ts";
import { LAYER } from "./definition.ts";
import { type Layer, locate } from "./layer.ts";
import { librariesInUse } from "./libraries-in-use.ts";
import { merged } from "./merge.ts";
import type { ConfigLayer } from "./options.ts";
import { HIDDEN, isSecret, shapesTo, withoutSecrets } from "./shape-at.ts";

/** What one source says of an option. */
export interface ConfigOrigin {
  /** Path of the file, name of the environment variable, or `code`. */
  readonly source: string;
  /** From 1; absent where there is no text, or the place in it cannot be told. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** `***` for what is secret. */
  readonly value: unknown;
}

/** Why an option has the value that it has. */
export interface ConfigExplanation {
  readonly path: string;
  /** What holds; `***` for what is secret. */
  readonly value: unknown;
  /** Who says something about it, the winner first. Empty where the default holds. */
  readonly origins: readonly ConfigOrigin[];
}

/** What is known of a configuration beside its layers. */
export interface LoadedConfigInit {
  readonly file: string | undefined;
  readonly folder: string;
  readonly stage: string | undefined;
  /** The weakest first. */
  readonly layers: readonly Layer[];
}

const APPROVALS = "amphis.approvals.json";

/** A configuration, put together from all its sources. Printed, it shows no secrets. */
export class LoadedConfig {
  /** Absent where there is none. */
  readonly file: string | undefined;
  /** Folder of the project: that of the file, else the one in which it was looked for. */
  readonly folder: string;
  /** What `AMPHIS_ENV`, else `NODE_ENV`, says. */
  readonly stage: string | undefined;
  readonly #layers: readonly Layer[];
  readonly #config: ConfigLayer;

  constructor({ file, folder, stage, layers }: LoadedConfigInit) {
    this.file = file;
    this.folder = folder;
    this.stage = stage;
    this.#layers = layers;
    this.#config = layers.reduce<ConfigLayer>((config, { value }) => merged(config, value), {});
  }

  /** What holds, secrets too. Paths are absolute. */
  get config(): ConfigLayer {
    return this.#config;
  }

  /** Where it comes from, the weakest first. */
  get sources(): readonly string[] {
    return [...new Set(this.#layers.map(({ source }) => source))];
  }

  /**
   * Tells why an option has its value: `explain("pools.default.workers")`.
   *
   * @throws {TypeError} for an option that there is not
   */
  async explain(path: string): Promise<ConfigExplanation> {
    const steps = parsePath(path);
    expectOption(steps);
    const origins: ConfigOrigin[] = [];
    for (const layer of this.#layers.toReversed()) {
      const value = valueAt(layer.value, steps);
      if (value === undefined) continue;
      const position = await locate(layer.text, [...layer.prefix, ...steps], "key");
      origins.push({
        source: layer.source,
        line: position?.line,
        column: position?.column,
        value: printable(value, steps),
      });
    }
    const value = printable(valueAt(this.config, steps), steps);
    return { path: formatPath(steps), value, origins };
  }

  /**
   * The environments that it asks for.
   *
   * A library is installed when it says `package`, `version` or `extras`: into the environment of its pool. Others are modules of Python
   * itself, or of the project. Where no library is installed and no environment described, there is none.
   */
  environments(options: ConfiguredEnvironmentsOptions = {}): readonly ConfiguredEnvironment[] {
    return configuredEnvironments(this.#config, this.folder, options);
  }

  /** The libraries that it names, each with the pool and environment in which it is. */
  libraries(options: ConfiguredEnvironmentsOptions = {}): readonly ConfiguredLibrary[] {
    return configuredLibraries(this.#config, this.environments(options));
  }

  /** The file with decisions about the code of libraries. */
  get approvalsFile(): string {
    return this.#config.policies?.approval?.file ?? join(this.folder, APPROVALS);
  }

  /** What it says of libraries with these names, for `updateLibraries`: packages, modules, and the members that it names. */
  librariesInUse(names: readonly string[]): readonly LibraryInUse[] {
    return librariesInUse(this.#config, names);
  }

  /** Without secrets. */
  toJSON(): unknown {
    const { file, stage, sources } = this;
    return { file, stage, sources, config: withoutSecrets(this.config, LAYER) };
  }
}

/** What may be shown of the value at a path. */
export function printable(value: unknown, path: ConfigPath): unknown {
  if (value === undefined) return undefined;
  if (isSecret(LAYER, path)) return HIDDEN;
  const shape = shapesTo(LAYER, path)?.at(-1);
  return shape === undefined ? HIDDEN : withoutSecrets(value, shape);
}

function expectOption(path: ConfigPath): void {
  if (shapesTo(LAYER, path) !== undefined) return;
  const wrong = path.findIndex(
    (_, index) => shapesTo(LAYER, path.slice(0, index + 1)) === undefined,
  );
  const parent = shapesTo(LAYER, path.slice(0, wrong))?.at(-1);
  const known = parent?.kind === "object" ? Object.keys(parent.fields) : [];
  const [near] = nearNames(String(path[wrong]), known);
  const hint =
    near === undefined
      ? `known are ${known.join(", ") || "none below it"}`
      : `did you mean ${near}?`;
  throw new TypeError(
    `Cannot explain ${formatPath(path)}: there is no option ${formatPath(path.slice(0, wrong + 1))}; ${hint}`,
  );
}
