import { dirname, resolve } from "node:path";

import type { AmphisError } from "@amphis/protocol";

import type { Mismatch } from "./check.ts";
import { type ConfigPath, valueAt } from "./config-path.ts";
import { findConfig } from "./find-config.ts";
import { CODE, type Layer } from "./layer.ts";
import { LoadedConfig } from "./loaded-config.ts";
import { mask } from "./mask.ts";
import { merged } from "./merge.ts";
import { Lines } from "./places.ts";
import type { ConfigLayer, ConfigOptions } from "./options.ts";
import { foundProblems, type WrongLayer } from "./locate-problems.ts";
import { configInvalid, type FoundProblem } from "./problem.ts";
import { type ConfigText, readText, textOf } from "./read-config.ts";
import { type CheckedConfig, checkRoot } from "./root.ts";
import { requirementMismatches } from "./requirement-mismatches.ts";
import { UnreadableText } from "./unreadable-text.ts";
import { variableLayers } from "./variables.ts";
import { wholeMismatches } from "./whole-mismatches.ts";

/** See `loadConfig`. */
export async function load(options: ConfigOptions): Promise<LoadedConfig> {
  const { cwd = process.cwd(), env = process.env, pools = [] } = options;
  const stage = [env["AMPHIS_ENV"], env["NODE_ENV"]].find(
    (name) => name !== undefined && name !== "",
  );
  const layers = new Layers(stage);
  const file = await addConfigured(layers, options.config, cwd);
  for (const { name, value, mismatches } of variableLayers(env, layers.config, cwd)) {
    layers.add({ source: name, value, prefix: [] }, mismatches);
  }
  if (options.code !== undefined) layers.addChecked(checkRoot(options.code, cwd));
  const problems = await layers.problems(pools);
  if (problems.length > 0) throw configInvalid(problems);
  const folder = file === undefined ? cwd : dirname(file);
  return new LoadedConfig({ file, folder, stage, layers: layers.all });
}

/** What the file says, or what stands in its place. */
async function addConfigured(
  layers: Layers,
  config: ConfigOptions["config"],
  cwd: string,
): Promise<string | undefined> {
  if (config === false) return undefined;
  if (typeof config === "object") {
    layers.addChecked(checkRoot(config, cwd));
    return undefined;
  }
  const file = config === undefined ? findConfig(cwd) : resolve(cwd, config);
  if (file === undefined) return undefined;
  const content = await textOf(file);
  const text = await readText(file, content).catch((error: unknown) => {
    throw error instanceof UnreadableText ? unreadable(file, content, error) : error;
  });
  layers.addChecked(checkRoot(text.value, dirname(file)), text);
  return file;
}

/** Layers as they come, and what is wrong with them. */
class Layers {
  readonly all: Layer[] = [];
  readonly #stage: string | undefined;
  readonly #wrong: WrongLayer[] = [];
  config: ConfigLayer = {};

  constructor(stage: string | undefined) {
    this.#stage = stage;
  }

  add(layer: Layer, mismatches: readonly Mismatch[]): void {
    this.all.push(layer);
    this.config = merged(this.config, layer.value);
    for (const mismatch of mismatches) this.#wrong.push({ mismatch, layer });
  }

  /** A whole configuration, with the stage that is in use. */
  addChecked({ base, stages, mismatches }: CheckedConfig, text?: ConfigText): void {
    const source = text?.file ?? CODE;
    this.add({ source, value: base, prefix: [], text }, mismatches);
    const own = this.#stage === undefined ? undefined : stages.get(this.#stage);
    if (own !== undefined) this.add({ source, value: own, prefix: [`$${this.#stage}`], text }, []);
  }

  async problems(pools: readonly string[]): Promise<readonly FoundProblem[]> {
    const wrong = [...this.#wrong];
    // What is wrong by itself was left out, and would be missing here.
    if (wrong.length === 0) {
      const whole = [...wholeMismatches(this.config, pools)];
      for (const mismatch of [...whole, ...(await requirementMismatches(this.config))]) {
        const layer = this.#saying(mismatch.path) ?? this.#saying(mismatch.path.slice(0, -1));
        if (layer === undefined) continue;
        const path = [...layer.prefix, ...mismatch.path];
        wrong.push({ mismatch: { ...mismatch, path }, layer });
      }
    }
    const found = await foundProblems(wrong);
    return found.toSorted((one, other) => this.#order(one, other));
  }

  /** The strongest that says something at a path. */
  #saying(path: ConfigPath): Layer | undefined {
    return this.all.findLast(({ value }) => valueAt(value, path) !== undefined);
  }

  /** As people read: source by source, from top to bottom. */
  #order({ problem: one }: FoundProblem, { problem: other }: FoundProblem): number {
    const rank = (source: string): number => this.all.findIndex((layer) => layer.source === source);
    return (
      rank(one.source) - rank(other.source) ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0)
    );
  }
}

/** Where a file is not written as it should be, any text in it may be a secret. */
function unreadable(file: string, text: string, error: UnreadableText): AmphisError {
  const { expected, found, offset } = error;
  const lines = new Lines(text);
  const place = offset === undefined ? undefined : lines.at(offset);
  const message = `expected ${expected}; found ${found}`;
  const problem = { source: file, ...place, path: "", expected, found, message };
  const lineText = place === undefined ? undefined : new Lines(mask(text)).line(place.line);
  return configInvalid([{ problem, lineText }], error.cause ?? error);
}
