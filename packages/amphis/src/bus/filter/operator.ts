import { Float } from "@amphis/protocol";

import { compileGlob } from "../glob.ts";
import { ABSENT } from "./subject.ts";

/** Longest text that is matched with a glob, which bounds what one message can cost. */
const MAX_GLOB_TEXT = 1_024;

/** Whether something holds for what a path leads to, in the form that {@link comparable} gives. */
export type Judge = (value: unknown) => boolean;

export type Operator =
  | "eq"
  | "ne"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "in"
  | "exists"
  | "prefix"
  | "glob";

/** Operators by their names; each takes an operand that fits it. */
export const OPERATORS: Readonly<Record<Operator, (operand: unknown) => Judge>> = {
  eq: (operand) => {
    const wanted = comparable(operand);
    return Number.isNaN(wanted) ? Number.isNaN : (value) => value === wanted;
  },
  ne: (operand) => {
    const equal = OPERATORS.eq(operand);
    return (value) => value !== ABSENT && !equal(value);
  },
  gt: (operand) => ordered(operand, (value, limit) => value > limit),
  gte: (operand) => ordered(operand, (value, limit) => value >= limit),
  lt: (operand) => ordered(operand, (value, limit) => value < limit),
  lte: (operand) => ordered(operand, (value, limit) => value <= limit),
  in: (operand) => {
    const wanted = new Set((operand as readonly unknown[]).map(comparable));
    return (value) => wanted.has(value);
  },
  exists: (operand) => (value) => (value !== ABSENT) === operand,
  prefix: (operand) => (value) => typeof value === "string" && value.startsWith(operand as string),
  glob: (operand) => {
    const matches = compileGlob(operand as string);
    return (value) => typeof value === "string" && value.length <= MAX_GLOB_TEXT && matches(value);
  },
};

/** A value such that `===` and `<` do what a filter means: every number is exact, and one that is a safe integer no bigint. */
export function comparable(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case "undefined":
      return null;
    default:
      return value instanceof Float ? comparable(value.value) : value;
  }
}

type Ordered = number | bigint | string;

function ordered(operand: unknown, holds: (value: Ordered, limit: Ordered) => boolean): Judge {
  const limit = comparable(operand) as Ordered;
  if (typeof limit === "string") return (value) => typeof value === "string" && holds(value, limit);
  return (value) => (typeof value === "number" || typeof value === "bigint") && holds(value, limit);
}
