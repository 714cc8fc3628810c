import type { CallOptions } from "../pool/index.ts";
import { rejection, type ResultMode, type WorkSink } from "../worker/index.ts";
import type { Expression } from "./expression.ts";
import { nameStep } from "./failure.ts";
import { type Origin, placed } from "./origin.ts";
import { Program } from "./program.ts";

/** Settles a promise with the answer of a program, and says which link of its chain failed. */
class ProgramSink implements WorkSink {
  readonly #program: Program;
  readonly #resolve: (value: unknown) => void;

  constructor(program: Program, resolve: (value: unknown) => void) {
    this.#program = program;
    this.#resolve = resolve;
  }

  resolve(value: unknown): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#resolve(rejection(nameStep(error, this.#program)));
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
    origin.router.submit(program, placed(origin, options), new ProgramSink(program, resolve));
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
    return origin.router.submitSync(program, placed(origin, options));
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

function whereTo({ origin }: Program): Origin {
  if (origin !== undefined) return origin;
  throw new TypeError(
    "Cannot work it out: nothing in it belongs to a Python that was opened; use it as an argument",
  );
}
