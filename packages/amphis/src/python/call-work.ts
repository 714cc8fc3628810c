import { traceparentForCall } from "../telemetry/index.ts";
import type { Work } from "../worker/index.ts";
import type { CallInput } from "./call-options.ts";
import { callOf, type Expression, nameOf, someExpression } from "./expression.ts";
import { Keywords } from "./keywords.ts";
import { kindOf } from "./known-options.ts";
import type { Origin } from "./origin.ts";

/** A call as workers get it. @throws {TypeError} for a name that is none */
export function callWork(name: string, { args, kwargs }: CallInput, isStream: boolean): Work {
  return {
    kind: "call",
    name,
    function: checkedName(name),
    args,
    kwargs,
    stream: isStream ? true : undefined,
    traceparent: traceparentForCall(),
  };
}

/** The call as an expression where chains are among its arguments, which have to travel with it. */
export function callExpression(
  name: string,
  { args, kwargs }: CallInput,
  origin: Origin,
): Expression | undefined {
  if (!hasChain(args) && (kwargs === undefined || !hasChain(kwargs))) return undefined;
  const given = kwargs === undefined ? args : [...args, new Keywords(kwargs)];
  return callOf(nameOf(checkedName(name), origin), given);
}

function hasChain(value: unknown): boolean {
  return someExpression(value, isChain);
}

function isChain({ kind }: Expression): boolean {
  return kind !== "live";
}

function checkedName(name: unknown): string {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot call Python: it takes a name, got ${kindOf(name)}`);
  }
  if (name.includes(":")) return name;
  const at = name.lastIndexOf(".");
  const meant = at === -1 ? `builtins:${name}` : `${name.slice(0, at)}:${name.slice(at + 1)}`;
  throw new TypeError(
    `Cannot call ${JSON.stringify(name)}: names are module:function, as in ${JSON.stringify(meant)}`,
  );
}
