import { traceparentForCall } from "../telemetry/index.ts";
import type { Work } from "../worker/index.ts";
import type { CallInput } from "./call-options.ts";
import { callOf, type Expression, nameOf, someExpression } from "./expression.ts";
import { Keywords } from "./keywords.ts";
import { checkedName } from "./names.ts";
import { type Origin, placeOfModule } from "./origin.ts";

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
  const checked = checkedName(name);
  const colon = checked.indexOf(":");
  const [module, place] = placeOfModule(checked.slice(0, colon), origin);
  return callOf(nameOf(module + checked.slice(colon), place), given);
}

function hasChain(value: unknown): boolean {
  return someExpression(value, isChain);
}

function isChain({ kind }: Expression): boolean {
  return kind !== "live";
}
