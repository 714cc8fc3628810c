import { Float, PRIORITIES } from "@amphis/protocol";

import { checkGlob } from "../glob.ts";
import { invalid, kindOf } from "./invalid.ts";
import type { Operator } from "./operator.ts";
import { rankOf } from "./subject.ts";

/** Longest text to compare with. */
const MAX_TEXT = 4_096;

/** Whether a filter may compare with it. */
export function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return true;
    default:
      return value === null || value instanceof Float;
  }
}

/** @throws {AmphisError} FILTER_INVALID when the operand does not fit the operator */
export function expectOperand(name: Operator, operand: unknown, at: string): void {
  switch (name) {
    case "in":
      if (!Array.isArray(operand) || operand.length === 0) {
        throw invalid(at, `it must be a list of scalars, got ${kindOf(operand)}`);
      }
      for (const each of operand) expectScalar(each, at);
      return;
    case "exists":
      if (typeof operand !== "boolean") {
        throw invalid(at, `it must be true or false, got ${kindOf(operand)}`);
      }
      return;
    case "prefix":
    case "glob":
      if (typeof operand !== "string") throw invalid(at, `it must be text, got ${kindOf(operand)}`);
      expectScalar(operand, at);
      if (name === "glob") expectGlob(operand, at);
      return;
    case "eq":
    case "ne":
      expectScalar(operand, at);
      return;
    default:
      expectScalar(operand, at);
      if (operand === null || typeof operand === "boolean") {
        throw invalid(at, `it must be a number or text, got ${kindOf(operand)}`);
      }
  }
}

function expectScalar(operand: unknown, at: string): void {
  if (!isScalar(operand)) {
    throw invalid(at, `it must be text, a number, a boolean or nil, got ${kindOf(operand)}`);
  }
  if (typeof operand === "string" && operand.length > MAX_TEXT) {
    throw invalid(at, `the text has more than ${MAX_TEXT} characters`);
  }
}

function expectGlob(pattern: string, at: string): void {
  try {
    checkGlob(pattern);
  } catch (error) {
    throw invalid(at, (error as Error).message, error);
  }
}

/** @throws {AmphisError} FILTER_INVALID when it is no priority */
export function expectRank(priority: unknown, at: string): number {
  const rank = rankOf(priority);
  if (rank !== undefined) return rank;
  throw invalid(at, `a priority is one of ${PRIORITIES.join(", ")}`);
}
