import type { CallFigures, RemoteObject, WorkSink } from "../worker/index.ts";
import { someExpression } from "./expression.ts";
import type { Origin } from "./origin.ts";

/** From this many on, those that were collected meanwhile are forgotten whenever their number has doubled. */
const FIRST_SWEEP = 64;

/** Live objects that came from the calls of a session. It holds none of them alive. */
export class Belongings {
  readonly #origin: Origin;
  #objects: WeakRef<RemoteObject>[] = [];
  #sweepAt = FIRST_SWEEP;

  /** @param origin that of the session */
  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** Takes the live objects in a result that nobody has seen yet: what is done with them is done in the session. */
  add(value: unknown): void {
    someExpression(value, (expression) => {
      if (expression.kind !== "live") return false;
      expression.origin = this.#origin;
      this.#objects.push(new WeakRef(expression.object));
      return false;
    });
    if (this.#objects.length < this.#sweepAt) return;
    this.#objects = this.#objects.filter((each) => each.deref()?.isReleased === false);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#objects.length);
  }

  /** The same items, with the live objects among them taken. */
  async *taking(items: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
    for await (const item of items) {
      this.add(item);
      yield item;
    }
  }

  release(): void {
    for (const each of this.#objects) each.deref()?.release();
    this.#objects = [];
  }
}

/** Passes a result on, and takes what is alive in it. */
export class OwningSink implements WorkSink {
  readonly #sink: WorkSink;
  readonly #belongings: Belongings;

  constructor(sink: WorkSink, belongings: Belongings) {
    this.#sink = sink;
    this.#belongings = belongings;
  }

  resolve(value: unknown, figures?: CallFigures): void {
    this.#belongings.add(value);
    this.#sink.resolve(value, figures);
  }

  reject(error: unknown, figures?: CallFigures): void {
    this.#sink.reject(error, figures);
  }
}
