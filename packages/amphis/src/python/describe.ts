import type { Expression } from "./expression.ts";
import { expressionOf, isPlain } from "./expression.ts";

/** Longest text of an argument in messages. */
const MOST_CHARACTERS = 40;

/** Longest name that messages show whole. */
const MOST_OF_NAME = 200;

/** What makes the module that code runs in. */
export const NEW_MODULE = "amphis.worker:module";

/** What code is run by, and by what it was asked for. */
const CODE: ReadonlyMap<string, string> = new Map([
  ["amphis.worker:evaluate", "eval"],
  ["amphis.worker:execute", "exec"],
  ["amphis.worker:run_file", "run"],
]);

/** Elements of an array that messages show. */
const MOST_ELEMENTS = 3;

/** An expression in short, without arguments: `pandas.read_csv().groupby().head`. */
export function summaryOf(expression: Expression): string {
  return textOf(expression, () => "");
}

/** An expression as its author wrote it, with arguments shortened: `pandas.read_csv("sales.csv").head(10)`. */
export function sourceOf(expression: Expression): string {
  return textOf(expression, argumentsOf);
}

/** What one step adds to the chain: `.groupby("region")`; names and live objects stand for themselves. */
export function stepText(expression: Expression): string {
  if (expression.kind !== "call") return linkOf(expression, argumentsOf);
  const { target } = expression;
  const callee = target.kind === "get" ? linkOf(target, argumentsOf) : sourceOf(target);
  return `${callee}(${argumentsOf(expression)})`;
}

/** Name of what is reached by names alone: `numpy.linalg`; undefined when anything is called on the way. */
export function labelOf(expression: Expression): string | undefined {
  let at = expression;
  while (at.kind === "get") at = at.target;
  const isNamed = at.kind === "name" || (at.kind === "live" && at.label !== undefined);
  return isNamed ? summaryOf(expression) : undefined;
}

type DescribeArguments = (call: Extract<Expression, { readonly kind: "call" }>) => string;

function textOf(expression: Expression, describe: DescribeArguments): string {
  let text = "";
  let at: Expression | undefined = expression;
  while (at !== undefined) {
    if (at.kind === "sequence") {
      at = at.shown;
      continue;
    }
    text = linkOf(at, describe) + text;
    at = "target" in at ? at.target : undefined;
  }
  return text;
}

function linkOf(expression: Expression, describe: DescribeArguments): string {
  switch (expression.kind) {
    case "name":
      return CODE.get(expression.name) ?? shortName(nameText(expression.name));
    case "live":
      return expression.label ?? `<${expression.object.type}>`;
    case "get":
      return `.${shortName(expression.name)}`;
    case "set":
      return `.${shortName(expression.name)} = ${shortText(expression.value)}`;
    case "delete":
      return `.${shortName(expression.name)} (deleted)`;
    case "call":
      return `(${describe(expression)})`;
    case "item":
      return `[${shortText(expression.key)}]`;
    case "setItem":
      return `[${shortText(expression.key)}] = ${shortText(expression.value)}`;
    case "deleteItem":
      return `[${shortText(expression.key)}] (deleted)`;
    case "value":
      return shortText(expression.value);
    case "sequence":
      return linkOf(expression.shown, describe);
  }
}

const argumentsOf: DescribeArguments = ({ target, args, kwargs = {} }) =>
  [
    ...(isCode(target) ? codeArguments(args) : args.map(shortText)),
    ...Object.entries(kwargs).map(([name, value]) => `${shortName(name)}=${shortText(value)}`),
  ].join(", ");

function isCode(target: Expression): boolean {
  return target.kind === "name" && CODE.has(target.name);
}

/** The names that a step runs code with, which its author wrote as an object or not at all. */
export function scopeOfCode(expression: Expression): Expression | undefined {
  if (expression.kind !== "call" || !isCode(expression.target)) return undefined;
  return expressionOf(expression.args[1]);
}

/** Code, and its names where its author gave some. */
function codeArguments([code, names]: readonly unknown[]): readonly string[] {
  const scope = expressionOf(names);
  // Code in an object gets the names of that; code without gets an object of its own.
  const space = scope?.kind === "get" && scope.name === "__dict__" ? scope.target : scope;
  if (space?.kind === "call") return [shortText(code)];
  if (space !== undefined) return [shortText(code), summaryOf(space)];
  const hasNames = typeof names === "object" && names !== null && Object.keys(names).length > 0;
  return hasNames ? [shortText(code), shortText(names)] : [shortText(code)];
}

function nameText(name: string): string {
  return name.replace(/^(?:operator|builtins):/, "").replace(":", ".");
}

function shortName(name: string): string {
  return name.length <= MOST_OF_NAME ? name : `${name.slice(0, MOST_OF_NAME - 1)}…`;
}

/** A value in a few characters, for messages; reads nothing but plain data. */
function shortText(value: unknown): string {
  const text = longText(value, 0);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

function longText(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_CHARACTERS));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") {
    const expression = expressionOf(value);
    return expression === undefined ? value.name || "function" : summaryOf(expression);
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return depth > 1 ? "[…]" : arrayText(value, depth);
  if (isPlain(value)) return depth > 1 ? "{…}" : recordText(value, depth);
  return objectText(value);
}

function arrayText(values: readonly unknown[], depth: number): string {
  const shown = values.slice(0, MOST_ELEMENTS).map((each) => longText(each, depth + 1));
  return `[${[...shown, ...(values.length > MOST_ELEMENTS ? ["…"] : [])].join(", ")}]`;
}

function recordText(values: Readonly<Record<string, unknown>>, depth: number): string {
  const entries = Object.entries(values);
  const shown = entries
    .slice(0, MOST_ELEMENTS)
    .map(([name, value]) => `${name}: ${longText(value, depth + 1)}`);
  return `{${[...shown, ...(entries.length > MOST_ELEMENTS ? ["…"] : [])].join(", ")}}`;
}

function objectText(value: object): string {
  const name: unknown = value.constructor?.name;
  const shown = typeof name === "string" && name !== "" ? name : "object";
  return ArrayBuffer.isView(value) ? `${shown}(${value.byteLength} bytes)` : shown;
}
