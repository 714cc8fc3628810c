import { AmphisError } from "@amphis/protocol";

import { describeCause } from "./socket-connect.ts";
import type { Acceptor, Connection, Listener, ListenerState } from "./transport.ts";

/** A listener whose only peer is there already. */
export class SoleListener implements Listener {
  readonly address: string;
  readonly #connection: Connection;
  readonly #connections = new Set<Connection>();
  #state: ListenerState = { kind: "open" };

  /** The acceptor is called after this returns. */
  constructor(address: string, connection: Connection, accept: Acceptor) {
    this.address = address;
    this.#connection = connection;
    this.#connections.add(connection);
    void connection.closed.then(() => {
      this.#connections.delete(connection);
      this.#state = { kind: "closed" };
    });
    setImmediate(() => {
      if (this.#state.kind === "open") this.#offer(accept);
    });
  }

  get state(): ListenerState {
    return this.#state;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  async drain(): Promise<void> {
    if (this.#state.kind === "open") this.#state = { kind: "draining" };
    await this.#connection.drain();
  }

  async close(): Promise<void> {
    if (this.#state.kind === "open") this.#state = { kind: "draining" };
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #offer(accept: Acceptor): void {
    try {
      accept(this.#connection);
    } catch (error) {
      const { address } = this;
      const reason = `the acceptor threw: ${describeCause(error as Error)}`;
      const message = `Cannot accept connection on ${address}: ${reason}`;
      const context = { address, reason };
      const failure = new AmphisError("CONNECTION_CLOSED", message, context, { cause: error });
      void this.#connection.close(failure);
    }
  }
}
