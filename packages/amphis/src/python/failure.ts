import { AmphisError, isAmphisError } from "@amphis/protocol";

import type { Step } from "../worker/index.ts";
import { NEW_MODULE, scopeOfCode, sourceOf, stepText } from "./describe.ts";
import type { Expression } from "./expression.ts";
import type { Program } from "./program.ts";

/**
 * Says of an error of a program which link of the chain failed, in the words of who wrote it.
 *
 * The message ends with the link; the error and its context gain it as `link`, and the whole as `chain`. `step` stays as the worker counts;
 * `path` of a value that cannot travel leads from the link: `args[0].name`.
 */
export function nameStep(error: unknown, program: Program): unknown {
  if (!isAmphisError(error)) return error;
  const { step, path } = error.context as { readonly step?: unknown; readonly path?: unknown };
  if (typeof step === "number") return named(error, program, step);
  const found = typeof path === "string" ? PLACE.exec(path) : null;
  if (found === null) return error;
  const [sent, index, part, rest = ""] = found;
  const place = PARTS[program.steps[Number(index)]?.[0] ?? "value"][Number(part)];
  if (place === undefined) return error;
  return named(withPath(error, sent, `${place}${rest}`), program, Number(index));
}

/** A place in the steps, as errors of values that cannot travel name it: `steps[2][2][0].name`. */
const PLACE = /^steps\[(\d+)\]\[(\d+)\](.*)$/su;

/** What the parts of a step are to who wrote it, as in errors of plain calls. */
const PARTS: Readonly<Record<Step[0], readonly (string | undefined)[]>> = {
  name: [],
  get: [],
  set: [undefined, undefined, undefined, "value"],
  delete: [],
  call: [undefined, undefined, "args", "kwargs"],
  item: [undefined, undefined, "key"],
  setItem: [undefined, undefined, "key", "value"],
  deleteItem: [undefined, undefined, "key"],
  value: [undefined, "value"],
};

/** The same error with another path. */
function withPath(error: AmphisError, sent: string, path: string): AmphisError {
  const { code, context, cause, correlationId } = error;
  const message = error.message.replace(sent, () => path);
  const other = new AmphisError(code, message, { ...context, path }, { cause, correlationId });
  const stack = error.stack?.replace(error.message, () => message) ?? message;
  Object.defineProperty(other, "stack", { value: stack, configurable: true, writable: true });
  return other;
}

function named(error: AmphisError, program: Program, step: number): AmphisError {
  const expression = program.expressions[step];
  if (expression === undefined) return error;
  const links = linksOf(program.expressions);
  const place = links.findIndex(({ steps }) => steps.includes(step));
  const link = links[place]?.text ?? stepText(expression);
  const chain = sourceOf(program.expressions.at(-1) ?? expression);
  amend(error, `${error.message} (step ${Math.max(place, 0) + 1}: ${link})`, { link, chain });
  return error;
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

/** Steps as people count them: what is called is one with its call; a module that somebody waited for, and what code runs in, with what uses it. */
function linksOf(expressions: readonly Expression[]): Link[] {
  const callees = new Map<Expression, number>();
  const scopes = new Set<Expression | undefined>();
  for (const each of expressions) {
    scopes.add(scopeOfCode(each));
    if (each.kind === "call" && isWord(each.target)) callees.set(each.target, -1);
  }
  const links: Link[] = [];
  let leading: number[] = [];
  for (const [index, each] of expressions.entries()) {
    if (scopes.has(each) || isModule(each)) leading.push(index);
    else if (callees.has(each)) callees.set(each, index);
    else {
      const callee = each.kind === "call" ? callees.get(each.target) : undefined;
      const steps = callee === undefined ? [index] : [callee, index];
      links.push({ text: stepText(each), steps: [...leading, ...steps] });
      leading = [];
    }
  }
  return links;
}

/** Whether a step is about a module that nobody asked for in this chain. */
function isModule(expression: Expression): boolean {
  let at = expression;
  while ("target" in at) at = at.target;
  if (at.kind !== "name") return false;
  return at.name === NEW_MODULE || (at === expression && at.type !== undefined);
}

function isWord({ kind }: Expression): boolean {
  return kind === "get" || kind === "name";
}
