import { kindOf } from "./known-options.ts";

/**
 * What no Python takes is refused; which letters of other scripts make a name is for Python to say. Modules may be given by names of
 * configured libraries, in which there are dashes.
 */
const MODULE = String.raw`(?:[\w-]|\P{ASCII})+(?:\.(?:[\w-]|\P{ASCII})+)*`;
const ATTRIBUTE = String.raw`(?:[A-Za-z_]|\P{ASCII})(?:\w|\P{ASCII})*`;
const MODULE_NAME = new RegExp(`^${MODULE}$`, "u");
const FUNCTION_NAME = new RegExp(String.raw`^${MODULE}:${ATTRIBUTE}(?:\.${ATTRIBUTE})*$`, "u");

/** Names that were judged; a program has few. */
const judged = new Set<unknown>();
const MOST_JUDGED = 10_000;

/** Longest name that is quoted. */
const LONGEST = 100;

/** A name as `module:function`, judged once. @throws {TypeError} for what is none */
export function checkedName(name: unknown): string {
  if (judged.has(name)) return name as string;
  if (typeof name !== "string") {
    throw new TypeError(`Cannot call Python: it takes a name, got ${kindOf(name)}`);
  }
  if (!FUNCTION_NAME.test(name)) throw noName(name);
  // Who makes names up without end must not fill the memory.
  if (judged.size >= MOST_JUDGED) judged.clear();
  judged.add(name);
  return name;
}

/** @throws {TypeError} */
export function expectModuleName(name: unknown): asserts name is string {
  if (typeof name === "string" && MODULE_NAME.test(name)) return;
  const got = typeof name === "string" ? quoted(name) : kindOf(name);
  throw new TypeError(`Cannot import ${got}: it takes the name of a module`);
}

function noName(name: string): TypeError {
  const at = name.lastIndexOf(".");
  const meant = at === -1 ? `builtins:${name}` : `${name.slice(0, at)}:${name.slice(at + 1)}`;
  const example = FUNCTION_NAME.test(meant) ? meant : "numpy.linalg:norm";
  return new TypeError(
    `Cannot call ${quoted(name)}: names are module:function, as in ${quoted(example)}`,
  );
}

function quoted(name: string): string {
  return JSON.stringify(name.length > LONGEST ? `${name.slice(0, LONGEST)}...` : name);
}
