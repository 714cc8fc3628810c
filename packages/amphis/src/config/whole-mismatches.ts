import { nearNames } from "@amphis/protocol";

import type { Mismatch } from "./check.ts";
import { type ConfigPath, formatPath } from "./config-path.ts";
import { LAYER } from "./definition.ts";
import { expectedText } from "./describe-shape.ts";
import type { ConfigLayer } from "./options.ts";
import { isPlainObject } from "./plain-object.ts";
import { shapesTo } from "./shape-at.ts";
import { MODULE_NAME } from "./library-shapes.ts";
import type { AnyShape, ObjectShape } from "./shape.ts";

const DEFAULT = "default";

/**
 * What is wrong though each part is right by itself: options that are missing in the whole, and names that mean nothing.
 *
 * @param pools that there are beside those of the configuration
 */
export function* wholeMismatches(
  config: ConfigLayer,
  pools: readonly string[],
): Generator<Mismatch> {
  yield* missingOptions(config, LAYER, []);
  yield* libraryMismatches(config, pools);
  yield* poolMismatches(config);
}

function* missingOptions(value: unknown, shape: AnyShape, path: ConfigPath): Generator<Mismatch> {
  if (!isPlainObject(value)) return;
  const own = objectIn(shape);
  for (const name of own?.required ?? []) {
    const part = own?.fields[name];
    if (part === undefined || Object.hasOwn(value, name)) continue;
    const place = [...path, name];
    const expected = expectedText(part);
    const message = `${formatPath(place)}: it is missing; expected ${expected}`;
    yield { path: place, at: "key", expected, found: "nothing", message };
  }
  for (const [name, part] of Object.entries(value)) {
    const below = shapesTo(shape, [name])?.[1];
    if (below !== undefined) yield* missingOptions(part, below, [...path, name]);
  }
}

function objectIn(shape: AnyShape): ObjectShape | undefined {
  if (shape.kind === "object") return shape;
  return shape.kind === "union"
    ? shape.options.find((option) => option.kind === "object")
    : undefined;
}

function* libraryMismatches(
  { libraries = {}, pools: own = {} }: ConfigLayer,
  pools: readonly string[],
): Generator<Mismatch> {
  const known = [DEFAULT, ...Object.keys(own), ...pools];
  const owners = new Map<string, string>(Object.keys(libraries).map((name) => [name, name]));
  for (const [name, { alias = name, pool, module }] of Object.entries(libraries)) {
    if (module === undefined && !MODULE_NAME.test(name)) {
      const expected = `the name of the module that is imported, as ${name} cannot be one`;
      yield mismatch(["libraries", name, "module"], expected, "nothing");
    }
    const owner = owners.get(alias) ?? name;
    owners.set(alias, owner);
    if (owner !== name) {
      const expected = `a name of its own, as ${owner} has this one`;
      yield mismatch(["libraries", name, "alias"], expected, JSON.stringify(alias));
    }
    yield* missingName(pool, known, "pool", ["libraries", name, "pool"]);
  }
}

function* poolMismatches({ pools = {}, environments = {} }: ConfigLayer): Generator<Mismatch> {
  // Libraries that say nothing else are in the default one, which nobody has to describe.
  const known = [...new Set([DEFAULT, ...Object.keys(environments)])];
  for (const [name, pool] of Object.entries(pools)) {
    const { environment, profile, threads, workers, minWorkers = 0 } = pool;
    yield* missingName(environment, known, "environment", ["pools", name, "environment"]);
    // Code may say another profile where the configuration says none.
    if (profile === "process" && threads !== undefined) {
      const expected = "nothing, as calls of the profile process are one at a time";
      yield mismatch(["pools", name, "threads"], expected, String(threads));
    }
    if (workers === undefined || minWorkers <= workers) continue;
    const expected = `at most ${workers}, as many as workers`;
    yield mismatch(["pools", name, "minWorkers"], expected, String(minWorkers));
  }
}

function* missingName(
  name: string | undefined,
  known: readonly string[],
  kind: string,
  path: ConfigPath,
): Generator<Mismatch> {
  if (name === undefined || known.includes(name)) return;
  const [near] = nearNames(name, known);
  const expected = `the name of a configured ${kind}: ${known.join(", ")}`;
  yield mismatch(path, expected, JSON.stringify(name), near);
}

export function mismatch(
  path: ConfigPath,
  expected: string,
  found: string,
  suggestion?: string,
): Mismatch {
  const hint = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
  const message = `${formatPath(path)}: expected ${expected}; found ${found}${hint}`;
  return { path, at: "value", expected, found, suggestion, message };
}
