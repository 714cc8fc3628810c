import { withoutCaller, withoutSite } from "../pool/index.ts";
import { placeError, rejection, type WorkSink } from "../worker/index.ts";
import { callInput, type CallOptions } from "./call-options.ts";
import { callExpression, callWork } from "./call-work.ts";
import { chainOf } from "./chain.ts";
import { evalOf, execOf, runOf } from "./code.ts";
import type { Names, PythonCalls, SyncCalls } from "./contract.ts";
import { nameOf } from "./expression.ts";
import type { Keywords } from "./keywords.ts";
import { expectModuleName } from "./names.ts";
import { type Origin, placed, placeOfModule } from "./origin.ts";
import type { PyChain, PyModule, PyObject } from "./py-types.ts";
import { send, sendStream } from "./send.ts";
import { BlockingCalls } from "./sync-calls.ts";

/** Settles the promise of a caller. */
class CallSink implements WorkSink {
  readonly resolve: (value: unknown) => void;
  /** Until then the code that makes the call is on the stack. */
  isSubmitted = false;

  constructor(resolve: (value: unknown) => void) {
    this.resolve = resolve;
  }

  reject(error: unknown): void {
    if (this.isSubmitted) this.resolve(rejection(withoutSite(error)));
    // Below what encodes values, the stack may not reach down to the caller.
    else this.resolve(rejection(placeError(withoutCaller(error), Calls.prototype.call)));
  }
}

/** Calls that go where their origin says. */
export class Calls implements PythonCalls {
  readonly sync: SyncCalls;
  readonly #origin: Origin;

  constructor(origin: Origin) {
    this.#origin = origin;
    this.sync = new BlockingCalls(origin);
  }

  call<T>(
    name: string,
    args?: readonly unknown[],
    third?: Keywords | CallOptions,
    fourth?: CallOptions,
  ): Promise<T> {
    const answer = new Promise((resolve) => {
      const input = callInput(args, third, fourth);
      const expression = callExpression(name, input, this.#origin);
      if (expression !== undefined) resolve(send(expression, "auto", input.options));
      else {
        const options = placed(this.#origin, input.options);
        const work = callWork(name, input, false);
        const sink = new CallSink(resolve);
        this.#origin.router.submit(work, options, sink);
        sink.isSubmitted = true;
      }
    });
    return answer as Promise<T>;
  }

  stream<T>(
    name: string,
    args?: readonly unknown[],
    third?: Keywords | CallOptions,
    fourth?: CallOptions,
  ): AsyncIterableIterator<T, void, undefined> {
    const input = callInput(args, third, fourth);
    const expression = callExpression(name, input, this.#origin);
    if (expression !== undefined) {
      return sendStream(expression, input.options) as AsyncGenerator<T, void, undefined>;
    }
    const options = placed(this.#origin, input.options);
    const items = this.#origin.router.stream(callWork(name, input, true), options);
    return items as AsyncIterableIterator<T, void, undefined>;
  }

  import<Name extends string>(name: Name): PyModule<Name> {
    expectModuleName(name);
    const [module, origin] = placeOfModule(name, this.#origin);
    return chainOf<PyObject>(nameOf(module, origin)) as PyModule<Name>;
  }

  eval(code: string, names?: Names): PyChain {
    return chainOf(evalOf(code, names, this.#origin));
  }

  exec(code: string, names?: Names): PyChain<PyObject> {
    return chainOf(execOf(code, names, this.#origin));
  }

  run(file: string, names?: Readonly<Record<string, unknown>>): PyChain<PyObject> {
    return chainOf(runOf(file, names, this.#origin));
  }
}
