import type { Expression } from "./expression.ts";
import { expressionOf, isPlain } from "./expression.ts";

/** Longest text of an argument in messages. */
const MOST_CHARACTERS = 40;

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
      at = at.last;
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
      return expression.name.replace(/^(?:operator|builtins):/, "").replace(":", ".");
    case "live":
      return expression.label ?? `<${expression.object.type}>`;
    case "get":
      return `.${expression.name}`;
    case "set":
      return `.${expression.name} = ${shortText(expression.value)}`;
    case "delete":
      return `.${expression.name} (deleted)`;
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
      return linkOf(expression.last, describe);
  }
}

const argumentsOf: DescribeArguments = ({ args, kwargs = {} }) =>
  [
    ...args.map(shortText),
    ...Object.entries(kwargs).map(([name, value]) => `${name}=${shortText(value)}`),
  ].join(", ");

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
