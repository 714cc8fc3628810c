import { isAmphisError } from "@amphis/protocol";

import { checkCall } from "../../signature/index.ts";
import { isProperty, propertyName } from "../../types/index.ts";
import type { Scope, Written } from "./scope.ts";
import { type Expression, refuse } from "./syntax.ts";

type Of<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

const OPERATORS: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "//": "floorDiv",
  "%": "mod",
  "**": "pow",
  "@": "matmul",
  "&": "and",
  "|": "or",
  "^": "xor",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

/**
 * An expression of Python in TypeScript.
 *
 * @throws {NoTranslation} where it has no exact counterpart
 */
export function write(expression: Expression, scope: Scope): Written {
  switch (expression.kind) {
    case "number":
      return value(numberText(expression, 1, scope));
    case "string":
      return value(stringText(expression.value));
    case "constant":
      return value(String(expression.value));
    case "list":
      return value(`[${all(expression.items, scope)}]`);
    case "tuple":
      return value(`${scope.use("Tuple")}.of(${all(expression.items, scope)})`);
    case "set":
      expression.items.forEach(expectKey);
      return value(`new Set([${all(expression.items, scope)}])`);
    case "dict":
      return value(dictText(expression, scope));
    case "name":
      return scope.get(expression.name);
    case "attribute":
      return attribute(expression, scope);
    case "call":
      return call(expression, scope);
    case "item":
      return item(expression, scope);
    case "slice":
    case "ellipsis":
      return refuse();
    case "negative":
      return negative(expression, scope);
    case "operation":
      return operation(expression, scope);
  }
}

/** Whether nothing can change it, so that it may be sent anew wherever it is used. */
export function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "string":
    case "constant":
      return true;
    case "negative":
      return expression.of.kind === "number";
    case "tuple":
      return expression.items.every(isConstant);
    default:
      return false;
  }
}

function value(code: string): Written {
  return { code, isPython: false };
}

function python(code: string, path?: string): Written {
  return { code, isPython: true, path };
}

/** Something in Python; values have no attributes and are not called. */
function target(expression: Expression, scope: Scope): Written {
  const written = write(expression, scope);
  return written.isPython ? written : refuse();
}

function all(expressions: readonly Expression[], scope: Scope): string {
  return expressions.map((one) => write(one, scope).code).join(", ");
}

/** Integers stay integers of any size, floats stay floats also where they are integral. */
function numberText({ text, isFloat }: Of<"number">, sign: 1 | -1, scope: Scope): string {
  if (isFloat) {
    const number = sign * Number(text);
    if (!Number.isFinite(number)) refuse();
    const shown = Object.is(number, -0) ? "-0" : String(number);
    return Number.isInteger(number) ? `new ${scope.use("Float")}(${shown})` : shown;
  }
  const integer = BigInt(text) * BigInt(sign);
  const isSafe = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER;
  return isSafe ? String(integer) : `${integer}n`;
}

function stringText(text: string): string {
  return /\p{Cs}/u.test(text) ? refuse() : JSON.stringify(text);
}

/** Keys that are the same here exactly where they are the same in Python. */
function expectKey(key: Expression): void {
  const isExact =
    key.kind === "string" || (key.kind === "number" && !key.isFloat && key.text.length < 16);
  if (!isExact) refuse();
}

/** An object keeps the order of its keys unless they look like numbers; a map always does. */
function dictText({ entries }: Of<"dict">, scope: Scope): string {
  const keys = entries.map(([key]) => key);
  keys.forEach(expectKey);
  const texts = keys.map((key) => write(key, scope).code);
  if (new Set(texts).size < texts.length) refuse();
  const values = entries.map(([, one]) => write(one, scope).code);
  const isPlain = keys.every(
    (key) => key.kind === "string" && !/^\d+$/u.test(key.value) && key.value !== "__proto__",
  );
  if (!isPlain) return `new Map([${texts.map((key, at) => `[${key}, ${values[at]}]`).join(", ")}])`;
  return objectText(
    keys.map((key, at) => [key.kind === "string" ? key.value : "", values[at] ?? ""]),
  );
}

function objectText(entries: readonly (readonly [string, string])[]): string {
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([name, code]) => `${propertyName(name)}: ${code}`).join(", ")} }`;
}

function attribute({ target: of, name }: Of<"attribute">, scope: Scope): Written {
  const owner = target(of, scope);
  if (!isProperty(name) || name.startsWith("__")) refuse();
  const code = `${owner.code}.${name}`;
  if (owner.path === undefined) return python(code);
  const path = `${owner.path}.${name}`;
  const found = scope.found(owner.path);
  const isOutside =
    found?.kind === "module" || (found?.kind === "member" && found.member.kind === "class");
  // What a module or a class has is known; what an object has is known when it runs.
  if (!isOutside) return python(code);
  return scope.found(path) === undefined ? refuse() : python(code, path);
}

function call({ target: of, args, kwargs }: Of<"call">, scope: Scope): Written {
  const callee = target(of, scope);
  if (callee.path !== undefined) expectCall(callee.path, args.length, kwargs, scope);
  const given = args.map((one) => write(one, scope).code);
  if (kwargs.length > 0) {
    const named = kwargs.map(([name, one]) => [name, write(one, scope).code] as const);
    if (named.some(([name]) => name === "__proto__")) refuse();
    given.push(`${scope.use("kw")}(${objectText(named)})`);
  }
  return python(`${callee.code}(${given.join(", ")})`);
}

/** Refuses what is not called, and calls that a signature forbids. */
function expectCall(
  path: string,
  args: number,
  kwargs: readonly (readonly [string, Expression])[],
  scope: Scope,
): void {
  const found = scope.found(path);
  if (found?.kind !== "member") refuse();
  const { member } = found;
  if (member.kind !== "function" && member.kind !== "class") {
    // An object that is called, such as one of a class that can be.
    if (member.kind === "value" || member.kind === "property") return;
    refuse();
  }
  // A method that is taken from its class has the object as an argument that signatures leave out.
  if (member.kind === "function" && member.binding === "instance") return;
  try {
    checkCall(member, Array.from({ length: args }), Object.fromEntries(kwargs));
  } catch (error) {
    if (isAmphisError(error, "CALL_INVALID")) refuse();
    throw error;
  }
}

function item({ target: of, keys }: Of<"item">, scope: Scope): Written {
  const object = target(of, scope);
  const texts = keys.map((key) => keyText(key, scope));
  return python(`${scope.use("item")}(${[object.code, ...texts].join(", ")})`);
}

function keyText(key: Expression, scope: Scope): string {
  if (key.kind === "ellipsis") return `${scope.use("ellipsis")}()`;
  if (key.kind !== "slice") return write(key, scope).code;
  const parts = key.parts.map((part) => sliceEnd(part, scope));
  while (parts.length > 1 && parts.at(-1) === "null") parts.pop();
  return `${scope.use("slice")}(${parts.join(", ")})`;
}

function sliceEnd(part: Expression | undefined, scope: Scope): string {
  if (part === undefined || (part.kind === "constant" && part.value === null)) return "null";
  const number = part.kind === "negative" ? part.of : part;
  if (number.kind !== "number" || number.isFloat) refuse();
  return numberText(number, part.kind === "negative" ? -1 : 1, scope);
}

function negative({ of }: Of<"negative">, scope: Scope): Written {
  if (of.kind === "number") return value(numberText(of, -1, scope));
  return python(`${scope.use("neg")}(${target(of, scope).code})`);
}

function operation({ operator, left, right }: Of<"operation">, scope: Scope): Written {
  const [a, b] = [write(left, scope), write(right, scope)];
  const name = OPERATORS[operator];
  // Of two values the result would be a third one, which nobody worked out.
  if (name === undefined || (!a.isPython && !b.isPython)) refuse();
  return python(`${scope.use(name)}(${a.code}, ${b.code})`);
}
