import { type AmphisError, isAmphisError } from "@amphis/protocol";

import { fromElsewhere, lacksCallSite } from "../worker/index.ts";
import { sourceOf, stepText } from "./describe.ts";
import type { Expression } from "./expression.ts";
import type { Program } from "./program.ts";

/**
 * Says of an error of a program which link of the chain failed, in the words of who wrote it.
 *
 * The message ends with the link; the error and its context gain it as `link`, and the whole as `chain`. `step` stays as the worker counts.
 */
export function nameStep(error: unknown, program: Program): unknown {
  if (!isAmphisError(error)) return error;
  const { step } = error.context as { readonly step?: unknown };
  const expression = typeof step === "number" ? program.expressions[step] : undefined;
  if (typeof step !== "number" || expression === undefined) return error;
  const links = linksOf(program.expressions);
  const place = links.findIndex(({ steps }) => steps.includes(step));
  const link = links[place]?.text ?? stepText(expression);
  const chain = sourceOf(program.expressions.at(-1) ?? expression);
  amend(error, `${error.message} (step ${place + 1}: ${link})`, { link, chain });
  return error;
}

/** Errors that have a call site, or are about to get one. */
const placed = new WeakSet<AmphisError>();

/**
 * Marks an error that a pool made by itself, later than the call, so that it gets the call site into its stack.
 *
 * Not those that are of code of the program, such as what a callback threw: their stacks are right.
 */
export function withoutSite(error: unknown): unknown {
  const isOfPool = isAmphisError(error) && error.category === "pool";
  if (!isOfPool || error.code === "CALLBACK_FAILED" || placed.has(error)) return error;
  placed.add(error);
  return lacksCallSite(error) ? error : fromElsewhere(error);
}

/** The error was made for this program alone, and nobody has seen it yet. */
function amend(error: AmphisError, message: string, extra: Readonly<Record<string, string>>): void {
  // A function, as a text to replace with could mean parts of what is replaced.
  const stack = error.stack?.replace(error.message, () => message) ?? message;
  const context = Object.freeze({ ...error.context, ...extra });
  const fields = { message, stack, context, ...extra };
  for (const [name, value] of Object.entries(fields)) {
    const isEnumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable === true;
    const descriptor = { value, enumerable: isEnumerable, configurable: true, writable: true };
    Object.defineProperty(error, name, descriptor);
  }
}

interface Link {
  readonly text: string;
  readonly steps: readonly number[];
}

/** Steps as people count them: what is called is one with its call. */
function linksOf(expressions: readonly Expression[]): Link[] {
  const callees = new Map<Expression, number>();
  for (const each of expressions) {
    if (each.kind === "call" && isWord(each.target)) callees.set(each.target, -1);
  }
  const links: Link[] = [];
  for (const [index, each] of expressions.entries()) {
    if (callees.has(each)) callees.set(each, index);
    else {
      const callee = each.kind === "call" ? callees.get(each.target) : undefined;
      links.push({ text: stepText(each), steps: callee === undefined ? [index] : [callee, index] });
    }
  }
  return links;
}

function isWord({ kind }: Expression): boolean {
  return kind === "get" || kind === "name";
}
