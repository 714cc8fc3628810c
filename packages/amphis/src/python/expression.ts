import type { RemoteObject } from "../worker/index.ts";
import { type Arguments, splitArguments } from "./keywords.ts";
import type { Origin } from "./origin.ts";

/** Told where it is worked out. Only of names and live objects: all else is where its parts are. */
interface Rooted {
  /** Absent for what every worker can work out, such as a slice. */
  readonly origin: Origin | undefined;
}

/** A module or something in it. */
export interface NameExpression extends Rooted {
  readonly kind: "name";
  readonly name: string;
  /** Its class, where somebody waited for it: that of a module. */
  readonly type?: string;
}

/** An object that is there already, and so no step. */
export interface LiveExpression extends Rooted {
  readonly kind: "live";
  /** Set anew once, when the object arrives for a session. */
  origin: Origin;
  /** How it was reached by name, such as `numpy.linalg`; set once, when it arrives. */
  label?: string;
  /** A module that was reached by name is asked for by that name, which every worker knows; set once, when it arrives. */
  module?: NameExpression;
  readonly object: RemoteObject;
}

interface AttributeExpression {
  readonly kind: "get" | "delete";
  readonly target: Expression;
  readonly name: string;
}

interface SetExpression {
  readonly kind: "set";
  readonly target: Expression;
  readonly name: string;
  readonly value: unknown;
}

interface CallExpression extends Arguments {
  readonly kind: "call";
  readonly target: Expression;
}

interface ItemExpression {
  readonly kind: "item" | "deleteItem";
  readonly target: Expression;
  readonly key: unknown;
}

interface SetItemExpression {
  readonly kind: "setItem";
  readonly target: Expression;
  readonly key: unknown;
  readonly value: unknown;
}

interface ValueExpression {
  readonly kind: "value";
  readonly value: unknown;
}

/** One thing after the other, of which the last counts. */
interface SequenceExpression {
  readonly kind: "sequence";
  readonly before: readonly Expression[];
  readonly last: Expression;
  /** Of its parts the one that its author wrote. */
  readonly shown: Expression;
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

export function liveOf(object: RemoteObject, origin: Origin): LiveExpression {
  return { kind: "live", object, origin };
}

export function getOf(target: Expression, name: string): Expression {
  return { kind: "get", target, name };
}

/** @throws {TypeError} for keywords in a wrong place */
export function callOf(target: Expression, given: readonly unknown[]): Expression {
  return { kind: "call", target, ...splitArguments(given) };
}

/** An attribute of the expression is called. */
export function methodOf(
  target: Expression,
  name: string,
  given: readonly unknown[] = [],
): Expression {
  return callOf(getOf(target, name), given);
}

export function sequenceOf(
  before: readonly Expression[],
  last: Expression,
  shown: Expression = last,
): Expression {
  return { kind: "sequence", before, last, shown };
}

/** Containers deeper than this are remembered, so that one that contains itself ends the walk. */
const SHALLOW = 3;

/** What is deeper does not travel (DEPTH_EXCEEDED), and so is not looked at. */
export const DEEPEST = 128;

/**
 * Looks at the expressions in a value, in order, until one is the right one: in arrays, maps, sets and plain objects, as deep as values travel.
 *
 * @param isRight absent: any is
 */
export function someExpression(
  value: unknown,
  isRight?: (expression: Expression) => boolean,
  depth = 0,
  seen?: Set<unknown>,
): boolean {
  if (typeof value === "function") {
    const expression = expressionOf(value);
    return expression !== undefined && (isRight === undefined || isRight(expression));
  }
  if (typeof value !== "object" || value === null || depth > DEEPEST) return false;
  const elements = elementsOf(value);
  if (elements === undefined || seen?.has(value) === true) return false;
  const known = depth > SHALLOW ? (seen ?? new Set()).add(value) : seen;
  for (const each of elements) {
    const isPart = typeof each === "function" || (typeof each === "object" && each !== null);
    if (isPart && someExpression(each, isRight, depth + 1, known)) return true;
  }
  return false;
}

function elementsOf(value: object): Iterable<unknown> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return isPlain(value) ? Object.values(value) : undefined;
}

export function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether an expression is made of others, beside its target. */
export function hasParts(expression: Expression): boolean {
  switch (expression.kind) {
    case "call": {
      const { args, kwargs } = expression;
      return someExpression(args) || (kwargs !== undefined && someExpression(kwargs));
    }
    case "sequence":
      return true;
    default:
      return (
        ("key" in expression && someExpression(expression.key)) ||
        ("value" in expression && someExpression(expression.value))
      );
  }
}

/** What an expression is made of beside its target, in the order in which that is worked out. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "sequence") return [...expression.before, expression.last];
  const parts: Expression[] = [];
  const add = (part: Expression): boolean => {
    parts.push(part);
    return false;
  };
  if (expression.kind === "call") {
    someExpression(expression.args, add);
    someExpression(expression.kwargs, add);
  }
  if ("key" in expression) someExpression(expression.key, add);
  if ("value" in expression) someExpression(expression.value, add);
  return parts;
}
