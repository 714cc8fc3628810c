import { inspect } from "node:util";

import { sourceOf } from "./describe.ts";
import { EXPRESSION, type Expression } from "./expression.ts";

type Callable = (...args: readonly unknown[]) => unknown;

/**
 * What stands behind every proxy. It can be called, so that proxies can; all else about a proxy is in its handler.
 *
 * Node inspects what stands behind a proxy rather than the proxy, with the proxy as `this`.
 */
const behind: Callable = Object.defineProperty(() => undefined, inspect.custom, {
  value: describe,
  configurable: true,
});

function describe(this: { readonly [EXPRESSION]?: Expression }): string {
  const expression = this[EXPRESSION];
  if (expression === undefined) return "[Python]";
  if (expression.kind === "name" && expression.type !== undefined) {
    return `PyObject <${expression.type} ${sourceOf(expression)}>`;
  }
  if (expression.kind !== "live") return `PyChain { ${sourceOf(expression)} }`;
  const { type, id, isReleased } = expression.object;
  return `PyObject <${type} #${id}${isReleased ? ", released" : ""}>`;
}

/**
 * Names by which libraries of JavaScript find out what a value is. They are no attributes of Python, so that looking never makes a value
 * seem to be something; `attribute(object, name)` reads an attribute of such a name all the same.
 */
const PROBES: ReadonlySet<string> = new Set([
  "$$typeof",
  "@@__IMMUTABLE_ITERABLE__@@",
  "@@__IMMUTABLE_RECORD__@@",
  "_isMockFunction",
  "asymmetricMatch",
  "constructor",
  "nodeType",
  "prototype",
  "tagName",
]);

/** Names by which JavaScript makes plain values of objects. */
const CONVERSIONS: ReadonlySet<string> = new Set([
  "toJSON",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/** What proxies of every kind answer; a kind adds its own members, attributes and calls. */
export abstract class ProxyTraps implements ProxyHandler<Callable> {
  abstract readonly expression: Expression;

  /** A member of this kind of proxy; undefined for what is an attribute of Python. */
  protected abstract member(key: string | symbol): unknown;
  protected abstract attribute(name: string): unknown;
  protected abstract call(args: readonly unknown[]): unknown;

  get(_: Callable, key: string | symbol): unknown {
    if (key === EXPRESSION) return this.expression;
    if (typeof key === "symbol") return this.#symbol(key);
    if (PROBES.has(key)) return undefined;
    if (CONVERSIONS.has(key)) return () => this.#refuseConversion(key);
    const member = this.member(key);
    if (member !== undefined) return member === ABSENT ? undefined : member;
    return this.attribute(key);
  }

  apply(_: Callable, __: unknown, args: readonly unknown[]): unknown {
    return this.call(args);
  }

  has(_: Callable, key: string | symbol): boolean {
    if (typeof key === "symbol") return key === EXPRESSION || key === inspect.custom;
    if (PROBES.has(key) || CONVERSIONS.has(key) || key === "then") return false;
    throw new TypeError(
      `Cannot look for ${JSON.stringify(key)} in ${this.#text()}: use await contains(object, item) or hasAttribute(object, name)`,
    );
  }

  set(_: Callable, key: string | symbol): boolean {
    throw new TypeError(
      `Cannot assign ${String(key)} of ${this.#text()}: use await setAttribute(object, name, value) or setItem(object, key, value)`,
    );
  }

  deleteProperty(_: Callable, key: string | symbol): boolean {
    throw new TypeError(
      `Cannot delete ${String(key)} of ${this.#text()}: use await deleteAttribute(object, name) or deleteItem(object, key)`,
    );
  }

  defineProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }

  #symbol(key: symbol): unknown {
    if (key === inspect.custom) return describe;
    if (key === Symbol.toPrimitive) return (hint: string) => this.#refuseConversion(hint);
    if (key === Symbol.toStringTag) return "Python";
    const member = this.member(key);
    return member === ABSENT ? undefined : member;
  }

  #refuseConversion(to: string): never {
    const act = to === "toJSON" ? "make JSON of" : "make a plain value of";
    throw new TypeError(
      `Cannot ${act} ${this.#text()}: it is in Python; use await fetch(object), or await str(object) for its text`,
    );
  }

  #text(): string {
    return sourceOf(this.expression);
  }
}

/** A member that is not there, whatever Python has. */
export const ABSENT: unique symbol = Symbol("absent");

export function proxyOf(traps: ProxyTraps): unknown {
  return new Proxy(behind, traps);
}
