import type { RemoteObject } from "../worker/index.ts";
import { NO_OPTIONS } from "./call-options.ts";
import { chainOf } from "./chain.ts";
import {
  callOf,
  type Expression,
  expressionOf,
  getOf,
  type LiveExpression,
  liveOf,
} from "./expression.ts";
import type { Origin } from "./origin.ts";
import { ABSENT, ProxyTraps, proxyOf } from "./proxy.ts";
import type { PyObject } from "./py-types.ts";
import { send, sendStream } from "./send.ts";

/** What is done when a live object is disposed of, in place of releasing it. */
export type Leave = () => Promise<void>;

/** A live object. It is no promise, so that awaiting gives it as it is. */
class LiveTraps extends ProxyTraps {
  readonly #live: LiveExpression;
  readonly #leave: Leave | undefined;

  constructor(object: RemoteObject, origin: Origin, leave: Leave | undefined) {
    super();
    this.#leave = leave;
    this.#live = liveOf(object, origin);
  }

  get expression(): Expression {
    return this.#live.module ?? this.#live;
  }

  protected member(key: string | symbol): unknown {
    switch (key) {
      case "then":
        return ABSENT;
      case "toArrow":
        return () => send(this.expression, "arrow", NO_OPTIONS);
      case Symbol.asyncIterator:
        return () => sendStream(this.expression, NO_OPTIONS);
      case Symbol.dispose:
        return this.#leave === undefined ? () => this.#live.object.release() : ABSENT;
      case Symbol.asyncDispose:
        return this.#leave ?? (() => Promise.resolve(this.#live.object.release()));
      default:
        return undefined;
    }
  }

  protected attribute(name: string): unknown {
    return chainOf(getOf(this.expression, name));
  }

  protected call(args: readonly unknown[]): unknown {
    return chainOf(callOf(this.expression, args));
  }
}

/** What users see of a live object. */
export function pyObjectOf(object: RemoteObject, origin: Origin, leave?: Leave): PyObject {
  return proxyOf(new LiveTraps(object, origin, leave)) as PyObject;
}

/** The same live object, with something else to do when it is disposed of. */
export function withLeave(object: PyObject, leave: Leave): PyObject {
  const expression = expressionOf(object);
  if (expression?.kind !== "live") throw new TypeError("Cannot hold: it is no live object");
  return pyObjectOf(expression.object, expression.origin, leave);
}

/** The live object behind a proxy; undefined for everything else, chains among it. */
export function remoteOf(value: unknown): RemoteObject | undefined {
  const expression = expressionOf(value);
  return expression?.kind === "live" ? expression.object : undefined;
}

/** The class of a module that is asked for by its name; undefined for everything else. */
export function moduleTypeOf(value: unknown): string | undefined {
  const expression = expressionOf(value);
  return expression?.kind === "name" ? expression.type : undefined;
}
