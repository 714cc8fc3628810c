import type { Reach } from "../library/index.ts";
import type { Step, Work } from "../worker/index.ts";
import { type Expression, someExpression } from "./expression.ts";
import { Program } from "./program.ts";

/** Reaches nothing by name. */
const NOTHING: Reach = { names: [], call: undefined, with: refuse };

/** What a chain reaches by names alone, and whether it is one call of something by its name: `np.linalg.norm(x)` is. */
export function reachOf(work: Work): Reach {
  if (!(work instanceof Program)) return NOTHING;
  const { expressions } = work;
  const names = new Map<Expression, string>();
  const inner = new Set<Expression>();
  for (const expression of expressions) {
    const name = nameOf(expression, names);
    if (name !== undefined) names.set(expression, name);
    if (expression.kind === "get") inner.add(expression.target);
  }
  const reached = [...names].filter(([expression]) => !inner.has(expression));
  return {
    names: reached.map(([, name]) => name),
    call: callOf(work, names),
    with: (args, kwargs) => called(work, args, kwargs),
  };
}

function nameOf(
  expression: Expression,
  names: ReadonlyMap<Expression, string>,
): string | undefined {
  if (expression.kind === "name") return expression.name.replace(":", ".");
  if (expression.kind !== "get") return undefined;
  const { target, name } = expression;
  const before = target.kind === "live" ? target.label : names.get(target);
  return before === undefined ? undefined : `${before}.${name}`;
}

/** The last step, where it is a call of a name and all others lead to that. */
function callOf({ expressions }: Program, names: ReadonlyMap<Expression, string>): Reach["call"] {
  const last = expressions.at(-1);
  if (last?.kind !== "call") return undefined;
  const { target, args, kwargs } = last;
  const isNamed = names.size === expressions.length - 1;
  const name = target.kind === "live" ? target.label : names.get(target);
  if (!isNamed || name === undefined || hasChain(args) || hasChain(kwargs)) return undefined;
  return { name, args, kwargs };
}

function hasChain(value: unknown): boolean {
  return someExpression(value, ({ kind }) => kind !== "live");
}

/** The same chain, called with other arguments. */
function called(
  program: Program,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): Work {
  const last = program.steps.at(-1);
  if (last?.[0] !== "call") return refuse();
  const step: Step = ["call", last[1], args, kwargs];
  return { ...program, steps: [...program.steps.slice(0, -1), step] };
}

function refuse(): never {
  throw new TypeError("Cannot call with other arguments: it is no call of a name");
}
