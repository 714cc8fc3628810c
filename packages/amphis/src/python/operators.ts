import { applied } from "./operand.ts";
import type { PyChain } from "./py-types.ts";

/*
 * Python's operators. TypeScript cannot give its own a meaning for objects of Python, so they are functions; they make chains as calls do.
 * One of the operands has to be in Python; the other may be any value.
 */

/** `a + b` */
export function add(a: unknown, b: unknown): PyChain {
  return applied("operator:add", [a, b]);
}

/** `a - b` */
export function sub(a: unknown, b: unknown): PyChain {
  return applied("operator:sub", [a, b]);
}

/** `a * b` */
export function mul(a: unknown, b: unknown): PyChain {
  return applied("operator:mul", [a, b]);
}

/** `a / b` */
export function div(a: unknown, b: unknown): PyChain {
  return applied("operator:truediv", [a, b]);
}

/** `a // b` */
export function floorDiv(a: unknown, b: unknown): PyChain {
  return applied("operator:floordiv", [a, b]);
}

/** `a % b` */
export function mod(a: unknown, b: unknown): PyChain {
  return applied("operator:mod", [a, b]);
}

/** `a ** b` */
export function pow(a: unknown, b: unknown): PyChain {
  return applied("operator:pow", [a, b]);
}

/** `a @ b` */
export function matmul(a: unknown, b: unknown): PyChain {
  return applied("operator:matmul", [a, b]);
}

/** `-a` */
export function neg(a: unknown): PyChain {
  return applied("operator:neg", [a]);
}

/** `a & b`; of arrays and columns: both hold. */
export function and(a: unknown, b: unknown): PyChain {
  return applied("operator:and_", [a, b]);
}

/** `a | b`; of arrays and columns: one holds. */
export function or(a: unknown, b: unknown): PyChain {
  return applied("operator:or_", [a, b]);
}

/** `a ^ b` */
export function xor(a: unknown, b: unknown): PyChain {
  return applied("operator:xor", [a, b]);
}

/** `~a`; of arrays and columns: it does not hold. */
export function invert(a: unknown): PyChain {
  return applied("operator:invert", [a]);
}

/** `a << b` */
export function shiftLeft(a: unknown, b: unknown): PyChain {
  return applied("operator:lshift", [a, b]);
}

/** `a >> b` */
export function shiftRight(a: unknown, b: unknown): PyChain {
  return applied("operator:rshift", [a, b]);
}

/** `a == b`; not always a boolean: arrays and columns compare element by element. */
export function eq(a: unknown, b: unknown): PyChain {
  return applied("operator:eq", [a, b]);
}

/** `a != b` */
export function ne(a: unknown, b: unknown): PyChain {
  return applied("operator:ne", [a, b]);
}

/** `a < b` */
export function lt(a: unknown, b: unknown): PyChain {
  return applied("operator:lt", [a, b]);
}

/** `a <= b` */
export function le(a: unknown, b: unknown): PyChain {
  return applied("operator:le", [a, b]);
}

/** `a > b` */
export function gt(a: unknown, b: unknown): PyChain {
  return applied("operator:gt", [a, b]);
}

/** `a >= b` */
export function ge(a: unknown, b: unknown): PyChain {
  return applied("operator:ge", [a, b]);
}

/** `not a` */
export function not(a: unknown): PyChain<boolean> {
  return applied("operator:not_", [a]);
}

/** `bool(a)` */
export function truth(a: unknown): PyChain<boolean> {
  return applied("operator:truth", [a]);
}

/** `a is b` */
export function isSame(a: unknown, b: unknown): PyChain<boolean> {
  return applied("operator:is_", [a, b]);
}
