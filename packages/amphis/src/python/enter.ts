import { isAmphisError } from "@amphis/protocol";

import { chainOf } from "./chain.ts";
import { type Expression, nameOf, sequenceOf } from "./expression.ts";
import { Keywords } from "./keywords.ts";
import { withLeave } from "./live.ts";
import { applied } from "./operand.ts";
import { attribute, keep, release } from "./operations.ts";
import { truth } from "./operators.ts";
import type { PyChain, PyEntered, PyObject, PyOperand } from "./py-types.ts";

/** A context that was entered. */
interface Context {
  readonly manager: PyObject;
  /** Whether the manager is ours, and is to be released with the context. */
  readonly isOwn: boolean;
  readonly entered: PyObject;
  readonly exit: "__exit__" | "__aexit__";
}

/**
 * Enters a context manager of Python, async or not: `await using file = await enter(io.open("notes.txt"))`.
 *
 * What it gives is a live object, whatever it is. Disposing of it leaves the context, as if all had gone well: TypeScript does not tell
 * why a block ends. Use {@link within} where the context is to know of failures, as a transaction is.
 */
export async function enter(manager: PyOperand): Promise<PyEntered> {
  const context = await entered(manager);
  let left: Promise<void> | undefined;
  const leave = (): Promise<void> => (left ??= leaveContext(context).then(() => undefined));
  return withLeave(context.entered, leave) as unknown as PyEntered;
}

/**
 * Does something within a context of Python, which learns how that ended: `await within(db.transaction(), async (t) => ...)`.
 *
 * @returns what the function gives; undefined when it threw and the context took care of that
 * @throws what the function throws, when the context lets it pass
 */
export async function within<T>(
  manager: PyOperand,
  act: (entered: PyObject) => T | PromiseLike<T>,
): Promise<T | undefined> {
  const context = await entered(manager);
  let result: T;
  try {
    result = await act(context.entered);
  } catch (error) {
    if ((await leaveContext(context, error)) === true) return undefined;
    throw error;
  }
  await leaveContext(context);
  return result;
}

async function entered(operand: PyOperand): Promise<Context> {
  const manager = await keep(operand);
  const context = { manager, isOwn: manager !== operand };
  try {
    const inside = await keep(attribute(manager, "__enter__")());
    return { ...context, entered: inside, exit: "__exit__" };
  } catch (error) {
    if (!lacks(error, "__enter__")) throw error;
  }
  const inside = await keep(attribute(manager, "__aenter__")());
  return { ...context, entered: inside, exit: "__aexit__" };
}

function lacks(error: unknown, name: string): boolean {
  return isAmphisError(error, "PYTHON_ATTRIBUTE_MISSING") && error.missing === name;
}

/** @returns whether the context took care of the error */
async function leaveContext(context: Context, error?: unknown): Promise<boolean> {
  const { manager, isOwn, exit } = context;
  try {
    const leave = attribute(manager, exit);
    if (error === undefined) {
      await truth(leave(null, null, null));
      return false;
    }
    const exception = exceptionOf(error, await classOf(error, manager));
    const type = applied("builtins:type", [exception]);
    return await truth(leave(type, exception, attribute(exception, "__traceback__")));
  } finally {
    release(context.entered);
    if (isOwn) release(manager);
  }
}

/** The class of the exception that an error came of, where it came of one and its class can be found by name. */
async function classOf(error: unknown, manager: PyObject): Promise<PyObject | undefined> {
  if (!isAmphisError(error)) return undefined;
  const { module, type } = error.context as { readonly module?: unknown; readonly type?: unknown };
  if (typeof module !== "string" || typeof type !== "string") return undefined;
  try {
    // The step with the manager brings it to the worker of that.
    const here: Expression = { kind: "value", value: manager };
    return await keep(chainOf(sequenceOf([here], nameOf(`${module}:${type}`))));
  } catch {
    // A class within a function has no name that leads to it.
    return undefined;
  }
}

/** An exception that tells of the error: of the same class, if that is known. */
function exceptionOf(error: unknown, type: PyObject | undefined): PyChain {
  if (type !== undefined && isAmphisError(error)) {
    const { text = "" } = error.context as { readonly text?: unknown };
    // Made by `__new__` alone, as the class may want to be called with anything.
    return attribute(type, "__new__")(type, text);
  }
  const [message, about] =
    error instanceof Error
      ? [error.message, { type: error.name, stack: error.stack ?? "" }]
      : [String(error), {}];
  return applied("amphis:TypeScriptError", [message, new Keywords(about)]);
}
