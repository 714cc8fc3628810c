import { type CallOptions, withoutSite } from "../pool/index.ts";
import { rejection, type ResultMode, type WorkSink } from "../worker/index.ts";
import { labelOf } from "./describe.ts";
import { type Expression, expressionOf } from "./expression.ts";
import { nameStep } from "./failure.ts";
import { type Origin, placed } from "./origin.ts";
import { Program } from "./program.ts";

/** Settles a promise with the answer of a program, and says which link of its chain failed. */
class ProgramSink implements WorkSink {
  readonly #program: Program;
  readonly #resolve: (value: unknown) => void;
  /** Until then the code that makes the call is on the stack. */
  isSubmitted = false;

  constructor(program: Program, resolve: (value: unknown) => void) {
    this.#program = program;
    this.#resolve = resolve;
  }

  resolve(value: unknown): void {
    label(value, this.#program);
    this.#resolve(value);
  }

  reject(error: unknown): void {
    const named = nameStep(error, this.#program);
    this.#resolve(rejection(this.isSubmitted ? withoutSite(named) : named));
  }
}

/** Has an expression worked out. @throws {TypeError} when it belongs to no Python, as a rejection */
export function send(
  expression: Expression,
  result: ResultMode,
  options: CallOptions,
): Promise<unknown> {
  return new Promise((resolve) => {
    const program = new Program(expression, result);
    const origin = whereTo(program);
    const sink = new ProgramSink(program, resolve);
    origin.router.submit(program, placed(origin, options), sink);
    sink.isSubmitted = true;
  });
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
    label(value, program);
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

/** A live object that was reached by name is called by that name in messages. */
function label(value: unknown, program: Program): void {
  const arrived = expressionOf(value);
  const asked = program.expressions.at(-1);
  if (arrived?.kind !== "live" || asked === undefined) return;
  const name = labelOf(asked);
  if (name !== undefined) arrived.label = name;
}

function whereTo({ origin }: Program): Origin {
  if (origin !== undefined) return origin;
  throw new TypeError(
    "Cannot work it out: nothing in it belongs to a Python that was opened; use it as an argument",
  );
}
