import { isPlainObject } from "./plain-object.ts";
import { type ConfigPath, formatPath } from "./config-path.ts";
import { LAYER } from "./definition.ts";
import { printable } from "./loaded-config.ts";
import type { ConfigLayer } from "./options.ts";
import { shapesTo } from "./shape-at.ts";

/** One option that another value was given. */
export interface ConfigChange {
  readonly path: string;
  /** Undefined where nothing was said; `***` for what is secret. */
  readonly before: unknown;
  /** Undefined where nothing is said any more; `***` for what is secret. */
  readonly after: unknown;
}

/** What is different between two configurations. */
export interface ConfigDiff {
  /** What held. */
  readonly before: ConfigLayer;
  /** What holds now: what the new one says, but for what needs a restart. */
  readonly after: ConfigLayer;
  /** What can change while Python is running. */
  readonly changes: readonly ConfigChange[];
  /** What was left as it is: it takes effect when the program starts again. */
  readonly restart: readonly ConfigChange[];
}

interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** Compares what holds with what is wanted. */
export function configDiff(before: ConfigLayer, wanted: ConfigLayer): ConfigDiff {
  const differences = [...differencesOf(before, wanted, [])];
  const waiting = differences.filter(({ path }) => !isLive(path));
  const changes = differences.filter(({ path }) => isLive(path));
  const after = waiting.reduce<unknown>(
    (config, { path, before: old }) => withValue(config, path, old),
    wanted,
  );
  return {
    before,
    after: after as ConfigLayer,
    changes: changes.map(changeOf),
    restart: waiting.map(changeOf),
  };
}

function changeOf({ path, before, after }: Difference): ConfigChange {
  return { path: formatPath(path), before: printable(before, path), after: printable(after, path) };
}

function isLive(path: ConfigPath): boolean {
  return shapesTo(LAYER, path)?.some(({ live }) => live === true) ?? false;
}

function* differencesOf(
  before: unknown,
  after: unknown,
  path: readonly string[],
): Generator<Difference> {
  if (!isObjectOrNothing(before, after)) {
    if (!isSame(before, after)) yield { path, before, after };
    return;
  }
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  // An object without anything is something too: a pool with all its defaults.
  if (names.size === 0 && before !== after && (before === undefined || after === undefined)) {
    yield { path, before, after };
  }
  for (const name of names) {
    yield* differencesOf(partOf(before, name), partOf(after, name), [...path, name]);
  }
}

function isObjectOrNothing(before: unknown, after: unknown): boolean {
  const isEach = [before, after].every((each) => each === undefined || isPlainObject(each));
  return isEach && (before !== undefined || after !== undefined);
}

function partOf(value: unknown, name: string): unknown {
  return isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A module that is run again makes its functions again: they are the same while their text is. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one === "function" && typeof other === "function") {
    return String(one) === String(other);
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  return Object.is(one, other);
}

function withValue(config: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const entries = isPlainObject(config) ? Object.entries(config) : [];
  const part = withValue(partOf(config, step), rest, value);
  const others = entries.filter(([name]) => name !== step);
  return Object.fromEntries(
    part === undefined || isBare(part, value) ? others : [...others, [step, part]],
  );
}

/** What was made only to hold something that is not there. */
function isBare(part: unknown, value: unknown): boolean {
  return value === undefined && isPlainObject(part) && Object.keys(part).length === 0;
}
