import { callOf, type Expression, expressionOf, nameOf } from "./expression.ts";
import { chainOf, optionsOf } from "./chain.ts";
import { kindOf } from "./known-options.ts";
import type { PyChain } from "./py-types.ts";

/** @throws {TypeError} for what is not in Python */
export function operandOf(act: string, value: unknown): Expression {
  const expression = expressionOf(value);
  if (expression !== undefined) return expression;
  const got = isPromise(value) ? "a promise: await it first" : kindOf(value);
  throw new TypeError(`Cannot ${act}: it takes an object of Python, got ${got}`);
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

/**
 * A function of Python called with operands, at least one of which is in Python when it is sent.
 *
 * Options that were given to an operand are those of the whole.
 */
export function applied<T>(name: string, operands: readonly unknown[]): PyChain<T> {
  return chainOf(callOf(nameOf(name), operands), optionsOf(operands[0]));
}

/** A chain that goes on from an operand, with its options. */
export function continued<T>(operand: unknown, expression: Expression): PyChain<T> {
  return chainOf(expression, optionsOf(operand));
}
