import type { CallOptions } from "../pool/index.ts";
import {
  type CallOptions as PublicCallOptions,
  NO_OPTIONS,
  poolCallOptions,
} from "./call-options.ts";
import { callOf, type Expression, getOf } from "./expression.ts";
import { ProxyTraps, proxyOf } from "./proxy.ts";
import type { PyChain } from "./py-types.ts";
import { send, sendAwaited, sendStream } from "./send.ts";

type Settled = (value: unknown) => unknown;

/**
 * A chain: an expression that is sent when somebody waits for it, once; who waits for it again gets the same answer.
 */
class ChainTraps extends ProxyTraps {
  readonly expression: Expression;
  readonly #options: CallOptions;
  #sent: Promise<unknown> | undefined;

  constructor(expression: Expression, options: CallOptions) {
    super();
    this.expression = expression;
    this.#options = options;
  }

  protected member(key: string | symbol): unknown {
    switch (key) {
      case "then":
        return (resolved?: Settled, failed?: Settled) => this.#send().then(resolved, failed);
      case "catch":
        return (failed: Settled) => this.#send().catch(failed);
      case "finally":
        return (over: () => void) => this.#send().finally(over);
      case "with":
        return (options: PublicCallOptions) => this.#with(options);
      case "as":
        return () => newChain(this.expression, this.#options);
      case "toArrow":
        return () => send(this.expression, "arrow", this.#options);
      case Symbol.asyncIterator:
        return () => sendStream(this.expression, this.#options);
      case OPTIONS:
        return this.#options;
      default:
        return undefined;
    }
  }

  protected attribute(name: string): unknown {
    return newChain(getOf(this.expression, name), this.#options);
  }

  protected call(args: readonly unknown[]): unknown {
    return newChain(callOf(this.expression, args), this.#options);
  }

  #with(options: PublicCallOptions): unknown {
    return newChain(this.expression, { ...this.#options, ...poolCallOptions(options) });
  }

  #send(): Promise<unknown> {
    return (this.#sent ??= sendAwaited(this.expression, this.#options));
  }
}

const OPTIONS: unique symbol = Symbol("amphis.options");

function newChain(expression: Expression, options: CallOptions): unknown {
  return proxyOf(new ChainTraps(expression, options));
}

/** A chain that begins with this expression. */
export function chainOf<T>(expression: Expression, options: CallOptions = NO_OPTIONS): PyChain<T> {
  return newChain(expression, options) as PyChain<T>;
}

/** What a chain is to be sent with; nothing for everything else. */
export function optionsOf(value: unknown): CallOptions {
  if (typeof value !== "function") return NO_OPTIONS;
  return (value as { readonly [OPTIONS]?: CallOptions })[OPTIONS] ?? NO_OPTIONS;
}
