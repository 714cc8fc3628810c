import { Check, type Mismatch } from "./check.ts";
import { LAYER, LAYER_MARK, SCHEMA_KEY } from "./definition.ts";
import type { ConfigLayer } from "./options.ts";
import { isPlainObject } from "./plain-object.ts";

/** A whole configuration, checked. */
export interface CheckedConfig {
  readonly base: ConfigLayer;
  /** What is different at stages of deployment, by their names. */
  readonly stages: ReadonlyMap<string, ConfigLayer>;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Checks all of a configuration, the stages that are not in use too.
 *
 * @param folder where relative paths start
 */
export function checkRoot(value: unknown, folder: string): CheckedConfig {
  const check = new Check(folder);
  const stages = new Map<string, ConfigLayer>();
  if (!isPlainObject(value)) {
    check.wrong(value, LAYER, []);
    return { base: {}, stages, mismatches: check.mismatches };
  }
  const own: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) {
    if (name === SCHEMA_KEY || part === undefined) continue;
    if (!name.startsWith(LAYER_MARK)) own.push([name, part]);
    else stages.set(name.slice(1), check.read(part, LAYER, [name]) as ConfigLayer);
  }
  const base = check.read(Object.fromEntries(own), LAYER, []) as ConfigLayer;
  return { base, stages, mismatches: check.mismatches };
}
