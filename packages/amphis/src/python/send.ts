import { type CallOptions, withoutCaller, withoutSite } from "../pool/index.ts";
import { rejection, type ResultMode, type WorkSink } from "../worker/index.ts";
import { labelOf } from "./describe.ts";
import { type Expression, expressionOf } from "./expression.ts";
import { nameStep } from "./failure.ts";
import { type Origin, placed } from "./origin.ts";
import { Program } from "./program.ts";

/** Class of modules, as objects name theirs. */
const MODULE = "builtins.module";

/** Settles a promise with the answer of a program, and says which link of its chain failed. */
class ProgramSink implements WorkSink {
  readonly #program: Program;
  readonly #options: CallOptions;
  readonly #resolve: (value: unknown) => void;
  readonly #marked: (error: unknown) => unknown;
  /** Until then the code that makes the call is on the stack. */
  isSubmitted = false;

  constructor(
    program: Program,
    options: CallOptions,
    resolve: (value: unknown) => void,
    marked: (error: unknown) => unknown = asItIs,
  ) {
    this.#program = program;
    this.#options = options;
    this.#resolve = resolve;
    this.#marked = marked;
  }

  resolve(value: unknown): void {
    label(value, this.#program, this.#options);
    this.#resolve(value);
  }

  reject(error: unknown): void {
    const named = nameStep(error, this.#program);
    this.#resolve(rejection(this.isSubmitted ? withoutSite(named) : this.#marked(named)));
  }
}

/** Whoever makes a call is on the stack. */
function asItIs(error: unknown): unknown {
  return error;
}

/** Has an expression worked out. @throws {TypeError} when it belongs to no Python, as a rejection */
export function send(
  expression: Expression,
  result: ResultMode,
  options: CallOptions,
): Promise<unknown> {
  return new Promise((resolve) => submit(expression, result, options, resolve));
}

/** As {@link send}, for who is asked by the engine, below which nothing of the caller is on the stack. */
export function sendAwaited(expression: Expression, options: CallOptions): Promise<unknown> {
  return new Promise((resolve) => {
    try {
      submit(expression, "auto", options, resolve, withoutCaller);
    } catch (error) {
      resolve(rejection(withoutCaller(error)));
    }
  });
}

function submit(
  expression: Expression,
  result: ResultMode,
  options: CallOptions,
  resolve: (value: unknown) => void,
  marked?: (error: unknown) => unknown,
): void {
  const program = new Program(expression, result);
  const origin = whereTo(program);
  const sink = new ProgramSink(program, options, resolve, marked);
  origin.router.submit(program, placed(origin, options), sink);
  sink.isSubmitted = true;
}

/** As {@link send}, with this thread blocked until the answer. */
export function sendSync(
  expression: Expression,
  result: ResultMode,
  options: CallOptions,
): unknown {
  const program = new Program(expression, result);
  const origin = whereTo(program);
  try {
    const value = origin.router.submitSync(program, placed(origin, options));
    label(value, program, options);
    return value;
  } catch (error) {
    throw nameStep(error, program);
  }
}

/** Has an expression worked out, and goes through its items. */
export async function* sendStream(
  expression: Expression,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  const program = new Program(expression, "auto", true);
  const origin = whereTo(program);
  try {
    yield* origin.router.stream(program, placed(origin, options));
  } catch (error) {
    throw nameStep(error, program);
  }
}

/**
 * A live object that was reached by name is called by that name in messages. A module is asked for by it too: it is there in every
 * worker, so that no call has to wait for the one where it was looked at first, or ends with that.
 */
function label(value: unknown, program: Program, options: CallOptions): void {
  const arrived = expressionOf(value);
  const asked = program.expressions.at(-1);
  if (arrived?.kind !== "live" || asked === undefined) return;
  const name = labelOf(asked);
  if (name === undefined) return;
  arrived.label = name;
  const { type } = arrived.object;
  const path = type === MODULE && program.result === "auto" ? pathOf(asked) : undefined;
  const origin = path === undefined ? undefined : anywhere(program, options);
  if (path === undefined || origin === undefined) return;
  arrived.module = { kind: "name", name: path, origin, type };
  arrived.object.release();
}

/** Where a module can be asked for that was reached so; undefined where its worker was chosen for it. */
function anywhere({ origin }: Program, options: CallOptions): Origin | undefined {
  if (origin === undefined || options.device !== undefined) return undefined;
  const { pool, session } = placed(origin, options);
  return session === undefined ? { ...origin, pool } : undefined;
}

/** `module:attribute.attribute` of what is reached by names; undefined where a live object is on the way. */
function pathOf(expression: Expression): string | undefined {
  if (expression.kind === "name") return expression.name;
  const before = expression.kind === "get" ? pathOf(expression.target) : undefined;
  if (before === undefined || expression.kind !== "get") return undefined;
  return `${before}${before.includes(":") ? "." : ":"}${expression.name}`;
}

function whereTo({ origin }: Program): Origin {
  if (origin !== undefined) return origin;
  throw new TypeError(
    "Cannot work it out: nothing in it belongs to a Python that was opened; use it as an argument",
  );
}
