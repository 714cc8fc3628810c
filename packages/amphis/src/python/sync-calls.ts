import { type CallOptions, callInput, NO_OPTIONS, poolCallOptions } from "./call-options.ts";
import { callExpression, callWork } from "./call-work.ts";
import { optionsOf } from "./chain.ts";
import { evalOf } from "./code.ts";
import type { Names, SyncCalls } from "./contract.ts";
import type { Keywords } from "./keywords.ts";
import { operandOf } from "./operand.ts";
import { type Origin, placed } from "./origin.ts";
import { sendSync } from "./send.ts";

/** Calls that block. */
export class BlockingCalls implements SyncCalls {
  readonly #origin: Origin;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  call<T>(
    name: string,
    args?: readonly unknown[],
    third?: Keywords | CallOptions,
    fourth?: CallOptions,
  ): T {
    const input = callInput(args, third, fourth);
    const expression = callExpression(name, input, this.#origin);
    if (expression !== undefined) return sendSync(expression, "auto", input.options) as T;
    const options = placed(this.#origin, input.options);
    return this.#origin.router.submitSync(callWork(name, input, false), options) as T;
  }

  eval<T>(code: string, names?: Names, options?: CallOptions): T {
    const expression = evalOf(code, names, this.#origin);
    const how = options === undefined ? NO_OPTIONS : poolCallOptions(options);
    return sendSync(expression, "auto", how) as T;
  }

  wait<Chain extends PromiseLike<unknown>>(chain: Chain): Awaited<Chain> {
    const options = optionsOf(chain);
    return sendSync(operandOf("wait", chain), "auto", options) as Awaited<Chain>;
  }
}
