import { resolve } from "node:path";

import { chainOf } from "./chain.ts";
import type { Names } from "./contract.ts";
import { NEW_MODULE } from "./describe.ts";
import {
  callOf,
  type Expression,
  expressionOf,
  getOf,
  methodOf,
  nameOf,
  sequenceOf,
} from "./expression.ts";
import { kindOf } from "./known-options.ts";
import type { Origin } from "./origin.ts";

/** `eval(code)` with these names. */
export function evalOf(code: string, names: Names | undefined, origin: Origin): Expression {
  expectCode("eval", code);
  const scope = scopeOf(names);
  return callOf(nameOf("amphis.worker:evaluate", origin), [code, scope ?? names ?? {}]);
}

/** Runs code in the scope of an object, or in a new one, and gives it. */
export function execOf(code: string, names: Names | undefined, origin: Origin): Expression {
  expectCode("exec", code);
  const exec = nameOf("amphis.worker:execute", origin);
  const known = expressionOf(names);
  if (known === undefined) return inNewSpace(exec, code, names, newSpace([], origin));
  const run = callOf(exec, [code, scopeOf(names)]);
  return sequenceOf([run], known, run);
}

/** Runs a file as Python runs its main program, and gives what it defined. */
export function runOf(
  file: string,
  names: Readonly<Record<string, unknown>> | undefined,
  origin: Origin,
): Expression {
  expectCode("run", file);
  const runFile = nameOf("amphis.worker:run_file", origin);
  return inNewSpace(runFile, resolve(file), names, newSpace(["__main__"], origin));
}

/** Puts names into a new module, runs code there, and gives the module. */
function inNewSpace(
  runner: Expression,
  code: string,
  names: Readonly<Record<string, unknown>> | undefined,
  space: Expression,
): Expression {
  const scope = getOf(space, "__dict__");
  const put = names === undefined ? [] : [methodOf(scope, "update", [names])];
  const run = callOf(runner, [code, chainOf(scope)]);
  return sequenceOf([...put, run], space, run);
}

/** A module of code: its attributes are names. It has a name of its own unless one is given. */
function newSpace(name: readonly string[], origin: Origin): Expression {
  return callOf(nameOf(NEW_MODULE, origin), name);
}

/** The names of an object of Python, which code may change. */
function scopeOf(names: Names | undefined): unknown {
  const expression = expressionOf(names);
  return expression === undefined ? undefined : chainOf(getOf(expression, "__dict__"));
}

function expectCode(act: string, text: unknown): void {
  if (typeof text === "string") return;
  throw new TypeError(`Cannot ${act}: it takes a text, got ${kindOf(text)}`);
}
