import type { Connection, Listener, ListenOptions } from "amphis/transport";

import type { Ends, EndsOptions, TransportPair } from "./pair.ts";
import { within } from "./within.ts";

/** What one test works with, and what it closes behind it. */
export class Bench implements AsyncDisposable {
  readonly pair: TransportPair;
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  constructor(pair: TransportPair) {
    this.pair = pair;
    if (pair.close !== undefined) this.defer(pair.close.bind(pair));
  }

  /** Does this when the test ends, last one first. */
  defer(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  /** Listens, and hands out the connections in the order in which they were accepted. */
  async listen(options?: ListenOptions): Promise<Accepting> {
    const accepted: Connection[] = [];
    const waiting: ((connection: Connection) => void)[] = [];
    const accept = (connection: Connection): void => {
      const next = waiting.shift();
      if (next === undefined) accepted.push(connection);
      else next(connection);
    };
    const listener = await this.pair.server.listen(this.pair.address, accept, options);
    this.defer(() => listener.close());
    const next = (): Promise<Connection> => {
      const connection = accepted.shift();
      if (connection !== undefined) return Promise.resolve(connection);
      return within("an accepted connection", new Promise((resolve) => void waiting.push(resolve)));
    };
    return { listener, next };
  }

  /** One connection, both ends. */
  async open(options: EndsOptions = {}): Promise<Ends> {
    const { listener, next } = await this.listen(options.far);
    const far = next();
    const near = await within(
      "the connection",
      this.pair.client.connect(listener.address, options.near),
    );
    this.defer(() => near.close());
    return { near, far: await far, listener };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await within("the end of a test", cleanup());
  }
}

export interface Accepting {
  readonly listener: Listener;
  /** The next connection that was accepted. */
  next(): Promise<Connection>;
}
