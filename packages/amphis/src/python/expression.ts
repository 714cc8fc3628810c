import type { RemoteObject } from "../worker/index.ts";
import { type Arguments, splitArguments } from "./keywords.ts";
import { meet, type Origin } from "./origin.ts";

interface Common {
  /** Absent for what every worker can work out, such as a slice. */
  readonly origin: Origin | undefined;
}

/** A module or something in it. */
interface NameExpression extends Common {
  readonly kind: "name";
  readonly name: string;
}

/** An object that is there already, and so no step. */
interface LiveExpression extends Common {
  readonly kind: "live";
  readonly object: RemoteObject;
}

interface AttributeExpression extends Common {
  readonly kind: "get" | "delete";
  readonly target: Expression;
  readonly name: string;
}

interface SetExpression extends Common {
  readonly kind: "set";
  readonly target: Expression;
  readonly name: string;
  readonly value: unknown;
}

interface CallExpression extends Common, Arguments {
  readonly kind: "call";
  readonly target: Expression;
}

interface ItemExpression extends Common {
  readonly kind: "item" | "deleteItem";
  readonly target: Expression;
  readonly key: unknown;
}

interface SetItemExpression extends Common {
  readonly kind: "setItem";
  readonly target: Expression;
  readonly key: unknown;
  readonly value: unknown;
}

interface ValueExpression extends Common {
  readonly kind: "value";
  readonly value: unknown;
}

/** One thing after the other, of which the last counts. */
interface SequenceExpression extends Common {
  readonly kind: "sequence";
  readonly before: readonly Expression[];
  readonly last: Expression;
}

/**
 * What Python is to work out, built without asking it; never changes.
 *
 * Parts may be shared: an expression that stands in two places of another is worked out once.
 */
export type Expression =
  | NameExpression
  | LiveExpression
  | AttributeExpression
  | SetExpression
  | CallExpression
  | ItemExpression
  | SetItemExpression
  | ValueExpression
  | SequenceExpression;

/** Key under which proxies tell their expression; nothing else has it. */
export const EXPRESSION: unique symbol = Symbol("amphis.expression");

/** The expression of a proxy; undefined for everything else. */
export function expressionOf(value: unknown): Expression | undefined {
  // Proxies are callable, so their type is that of functions.
  if (typeof value !== "function") return undefined;
  return (value as { readonly [EXPRESSION]?: Expression })[EXPRESSION];
}

export function nameOf(name: string, origin?: Origin): Expression {
  return { kind: "name", name, origin };
}

export function liveOf(object: RemoteObject, origin: Origin): Expression {
  return { kind: "live", object, origin };
}

export function getOf(target: Expression, name: string): Expression {
  return { kind: "get", target, name, origin: target.origin };
}

/** @throws {TypeError} for keywords in a wrong place @throws {AmphisError} HANDLE_ELSEWHERE */
export function callOf(target: Expression, given: readonly unknown[]): Expression {
  const { args, kwargs } = splitArguments(given);
  const origin = originOf(target.origin, kwargs === undefined ? args : [args, kwargs]);
  return { kind: "call", target, args, kwargs, origin };
}

/** An attribute of the expression is called. */
export function methodOf(
  target: Expression,
  name: string,
  given: readonly unknown[] = [],
): Expression {
  return callOf(getOf(target, name), given);
}

export function sequenceOf(before: readonly Expression[], last: Expression): Expression {
  let { origin } = last;
  for (const each of before) origin = meet(origin, each.origin);
  return { kind: "sequence", before, last, origin };
}

export function valueOf(value: unknown): Expression {
  return { kind: "value", value, origin: originOf(undefined, value) };
}

/** Where something goes that contains values of whatever kind. @throws {AmphisError} HANDLE_ELSEWHERE */
export function originOf(origin: Origin | undefined, value: unknown): Origin | undefined {
  let met = origin;
  eachExpression(value, (expression) => {
    met = meet(met, expression.origin);
  });
  return met;
}

/** As {@link originOf}, of an expression and a value that it is used with. */
export function meetOf({ origin }: Expression, value: unknown): Origin | undefined {
  return originOf(origin, value);
}

/** Containers deeper than this are remembered, so that one that contains itself ends the walk. */
const SHALLOW = 3;

/** Hears of the expressions in a value: in arrays, maps, sets and plain objects, to any depth. */
export function eachExpression(
  value: unknown,
  hear: (expression: Expression) => void,
  depth = 0,
  seen: Set<unknown> = new Set(),
): void {
  if (typeof value === "function") {
    const expression = expressionOf(value);
    if (expression !== undefined) hear(expression);
    return;
  }
  const parts = elementsOf(value);
  if (parts === undefined || seen.has(value)) return;
  if (depth > SHALLOW) seen.add(value);
  for (const part of parts) {
    if (typeof part === "function" || (typeof part === "object" && part !== null)) {
      eachExpression(part, hear, depth + 1, seen);
    }
  }
}

function elementsOf(value: unknown): Iterable<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return isPlain(value) ? Object.values(value) : undefined;
}

export function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What an expression is made of, in the order in which that is worked out. */
export function partsOf(expression: Expression): readonly Expression[] {
  const parts: Expression[] = [];
  const add = (part: Expression): void => {
    parts.push(part);
  };
  if (expression.kind === "sequence") return [...expression.before, expression.last];
  if ("target" in expression) parts.push(expression.target);
  if (expression.kind === "call") {
    eachExpression(expression.args, add);
    eachExpression(expression.kwargs, add);
  }
  if ("key" in expression) eachExpression(expression.key, add);
  if ("value" in expression) eachExpression(expression.value, add);
  return parts;
}
