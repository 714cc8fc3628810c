import { Check, type Mismatch } from "./check.ts";
import { type ConfigPath, valueAt } from "./config-path.ts";
import { LAYER } from "./definition.ts";
import type { ConfigLayer } from "./options.ts";
import type { AnyShape } from "./shape.ts";
import { VARIABLE_PREFIX } from "./variable-prefix.ts";

/** What one variable says. */
export interface VariableLayer {
  readonly name: string;
  readonly value: ConfigLayer;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Reads options from environment variables. The schema says what their texts mean: numbers, true and false, lists with commas between, JSON.
 *
 * @param below what is configured so far: names in it are written as there
 * @param folder where relative paths start
 */
export function variableLayers(
  env: Readonly<Record<string, string | undefined>>,
  below: ConfigLayer,
  folder: string,
): readonly VariableLayer[] {
  const names = Object.keys(env).filter((name) => name.startsWith(VARIABLE_PREFIX));
  const layers = names
    .filter((name) => env[name] !== undefined)
    .toSorted()
    .map((name) => variableLayer(name, env[name] ?? "", below, folder));
  const interpreter = env[INTERPRETER] ?? "";
  if (interpreter === "") return layers;
  return [{ name: INTERPRETER, value: { python: interpreter }, mismatches: [] }, ...layers];
}

/** It is older than the others, and means the same as `AMPHIS__PYTHON`, which wins. */
const INTERPRETER = "AMPHIS_PYTHON";

function variableLayer(
  name: string,
  text: string,
  below: ConfigLayer,
  folder: string,
): VariableLayer {
  const check = new Check(folder);
  const segments = name.slice(VARIABLE_PREFIX.length).split("__");
  const found = resolved(segments, below, check);
  if (found === undefined) return { name, value: {}, mismatches: check.mismatches };
  const value = check.read(valueOf(text, found.shape), found.shape, found.path);
  return { name, value: nested(found.path, value) as ConfigLayer, mismatches: check.mismatches };
}

interface Resolved {
  readonly path: ConfigPath;
  readonly shape: AnyShape;
}

/** The option that a variable names. */
function resolved(
  segments: readonly string[],
  below: ConfigLayer,
  check: Check,
): Resolved | undefined {
  const path: string[] = [];
  let shape: AnyShape = LAYER;
  for (const segment of segments) {
    const inner = throughUnion(shape);
    if (inner?.kind === "object") {
      const names = Object.keys(inner.fields);
      const name = names.find((each) => squeezed(each) === squeezed(segment));
      if (name === undefined) return unknownOption(segment, path, names, check);
      path.push(name);
      shape = inner.fields[name] ?? shape;
    } else if (inner?.kind === "record") {
      const capitals = inner.key.capitals === true;
      path.push(capitals ? segment : knownName(segment, valueAt(below, path)));
      shape = inner.item;
    } else {
      return unknownOption(segment, path, [], check);
    }
  }
  return { path, shape };
}

function unknownOption(
  segment: string,
  path: readonly string[],
  names: readonly string[],
  check: Check,
): undefined {
  check.unknown([...path, segment], names.map(capitals));
  return undefined;
}

/** Options can be an object, or something short for it. */
function throughUnion(shape: AnyShape): AnyShape | undefined {
  if (shape.kind !== "union") return shape;
  return shape.options.find(({ kind }) => kind === "object" || kind === "record");
}

/** `MAX_WAITING`, `MAXWAITING` and `maxWaiting` are one. */
function squeezed(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function capitals(name: string): string {
  return name.replaceAll(/[A-Z]/gu, "_$&").toUpperCase();
}

/** Variables have neither dashes nor dots nor small letters; a name that is configured may. */
function knownName(segment: string, configured: unknown): string {
  const names =
    typeof configured === "object" && configured !== null ? Object.keys(configured) : [];
  const same = (name: string): boolean =>
    name.replaceAll(/[^A-Za-z0-9]/gu, "_").toLowerCase() === segment.toLowerCase();
  return names.find(same) ?? segment.toLowerCase();
}

/** What a text means; itself where it is nothing of the kind, which the check tells. */
function valueOf(text: string, shape: AnyShape): unknown {
  switch (shape.kind) {
    case "number":
      return /^\s*[-+]?[\d.]/u.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
    case "flag":
      return { true: true, "1": true, false: false, "0": false }[text.toLowerCase()] ?? text;
    case "list":
      if (text.trimStart().startsWith("[")) return jsonOf(text);
      return text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "")
        .map((part) => valueOf(part, shape.item));
    case "object":
    case "record":
      return jsonOf(text);
    case "union":
      return unionValue(text, shape.options);
    default:
      return text;
  }
}

/** The first reading that is right. */
function unionValue(text: string, options: readonly AnyShape[]): unknown {
  for (const option of options) {
    const value = valueOf(text, option);
    const check = new Check("/");
    check.read(value, option, []);
    if (check.mismatches.length === 0) return value;
  }
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nested(path: ConfigPath, value: unknown): unknown {
  const [step, ...rest] = path;
  return step === undefined ? value : Object.fromEntries([[String(step), nested(rest, value)]]);
}
