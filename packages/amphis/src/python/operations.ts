import { Tuple } from "@amphis/protocol";

import type { ArrowTable } from "../memory/index.ts";
import { chainOf, optionsOf } from "./chain.ts";
import { callOf, expressionOf, getOf, nameOf } from "./expression.ts";
import { applied, continued, operandOf } from "./operand.ts";
import { moduleTypeOf, remoteOf } from "./live.ts";
import type { PyChain, PyObject, PyOperand, PyValue } from "./py-types.ts";
import { send, sendStream } from "./send.ts";

/** The result as a live object, whatever it is: also a number or a list, which would else come as a value. */
export async function keep(operand: PyOperand): Promise<PyObject> {
  const expression = operandOf("keep", operand);
  if (expression.kind === "live") return operand as PyObject;
  return (await send(expression, "handle", optionsOf(operand))) as PyObject;
}

/**
 * The result as a value, all of it; nothing checks that it is of the type that is given.
 *
 * @throws {AmphisError} VALUE_UNSUPPORTED with the path of what is no value
 */
export async function fetch<T = PyValue>(operand: PyOperand): Promise<T> {
  const expression = operandOf("fetch", operand);
  return (await send(expression, "value", optionsOf(operand))) as T;
}

/** The result as a table, as the method of this name gives it. */
export async function toArrow(operand: PyOperand): Promise<ArrowTable> {
  const expression = operandOf("make a table", operand);
  return (await send(expression, "arrow", optionsOf(operand))) as ArrowTable;
}

/** Lets go of a live object at once; the garbage collector does it some time. Releasing it twice is harmless. */
export function release(object: PyObject): void {
  const remote = remoteOf(object);
  if (remote === undefined && moduleTypeOf(object) === undefined) {
    throw new TypeError("Cannot release: it takes a live object of Python");
  }
  remote?.release();
}

/** Whether something is a live object of Python. Chains are not: they are yet to be worked out. */
export function isPython(value: unknown): value is PyObject {
  return remoteOf(value) !== undefined || moduleTypeOf(value) !== undefined;
}

/** Name of the class of a live object, as `pandas.core.frame.DataFrame`. Asks nothing. */
export function typeOf(object: PyObject): string {
  const type = remoteOf(object)?.type ?? moduleTypeOf(object);
  if (type !== undefined) return type;
  const reason =
    expressionOf(object) === undefined
      ? "it takes a live object of Python"
      : "await the chain first";
  throw new TypeError(`Cannot tell type: ${reason}`);
}

/** An attribute by name, for names that JavaScript has its own use for: `attribute(future, "then")`. */
export function attribute(object: PyOperand, name: string): PyChain {
  return continued(object, getOf(operandOf("get attribute", object), name));
}

/** `object.name = value` */
export function setAttribute(object: PyOperand, name: string, value: unknown): PyChain<null> {
  const target = operandOf("set attribute", object);
  return continued(object, { kind: "set", target, name, value });
}

/** `del object.name` */
export function deleteAttribute(object: PyOperand, name: string): PyChain<null> {
  const target = operandOf("delete attribute", object);
  return continued(object, { kind: "delete", target, name });
}

/** `hasattr(object, name)` */
export function hasAttribute(object: PyOperand, name: string): PyChain<boolean> {
  return applied("builtins:hasattr", [object, name]);
}

/** `object[key]`; several keys are those of several dimensions: `item(array, 0, slice(1, 3))`. */
export function item(object: PyOperand, ...keys: readonly [unknown, ...unknown[]]): PyChain {
  const target = operandOf("get item", object);
  const key = keyOf(keys);
  return continued(object, { kind: "item", target, key });
}

/** `object[key] = value`; keys of several dimensions are a `Tuple`. */
export function setItem(object: PyOperand, key: unknown, value: unknown): PyChain<null> {
  const target = operandOf("set item", object);
  return continued(object, { kind: "setItem", target, key, value });
}

/** `del object[key]` */
export function deleteItem(object: PyOperand, key: unknown): PyChain<null> {
  const target = operandOf("delete item", object);
  return continued(object, { kind: "deleteItem", target, key });
}

/** `slice(start, stop, step)`, as a key: `item(list, slice(0, 10))`; null is an end that is open. */
export function slice(
  start: number | null = null,
  stop: number | null = null,
  step: number | null = null,
): PyChain {
  return chainOf(callOf(nameOf("builtins:slice"), [start, stop, step]));
}

/** `...`, as a key: `item(array, ellipsis(), 0)`. */
export function ellipsis(): PyChain {
  return chainOf(nameOf("builtins:Ellipsis"));
}

/** `key in object` */
export function contains(object: PyOperand, key: unknown): PyChain<boolean> {
  return applied("operator:contains", [object, key]);
}

/** `len(object)` */
export function len(object: PyOperand): PyChain<number> {
  return applied("builtins:len", [object]);
}

/** `str(object)` */
export function str(object: PyOperand): PyChain<string> {
  return applied("builtins:str", [object]);
}

/** `repr(object)` */
export function repr(object: PyOperand): PyChain<string> {
  return applied("builtins:repr", [object]);
}

/** `isinstance(object, type)`; the type is an object of Python, or several of them in a `Tuple`. */
export function isInstance(object: PyOperand, type: unknown): PyChain<boolean> {
  return applied("builtins:isinstance", [object, type]);
}

/** The items of something iterable, asked for as they are wanted; nothing checks that they are of the type that is given. */
export function iterate<T = PyValue>(object: PyOperand): AsyncIterableIterator<T, void, undefined> {
  const expression = operandOf("iterate", object);
  return sendStream(expression, optionsOf(object)) as AsyncGenerator<T, void, undefined>;
}

function keyOf(keys: readonly unknown[]): unknown {
  return keys.length === 1 ? keys[0] : Tuple.from(keys);
}
