import { AmphisError } from "@amphis/protocol";

import { addressOf } from "./address.ts";
import { connectionSettings } from "./connection-settings.ts";
import { type InProcessConnection, inProcessPair } from "./in-process-connection.ts";
import type {
  Acceptor,
  Connection,
  ConnectionLimits,
  ConnectionOptions,
  Listener,
  ListenerState,
  Transport,
} from "./transport.ts";

const SCHEME = "inproc";

/**
 * Carries frames within this process, by reference: bodies and attachments are the sender's own memory, which it therefore leaves alone.
 *
 * Each call makes a space of names of its own; `inproc:name` is unique in it. There is no heartbeat, as a peer cannot be lost.
 */
export function inProcess(): Transport {
  const listeners = new Map<string, InProcessListener>();
  return {
    scheme: SCHEME,
    listen: async (address, accept, options = {}) => {
      const { name } = addressOf(address, SCHEME);
      options.signal?.throwIfAborted();
      if (listeners.has(name)) throw listenFailed(address);
      const listener = new InProcessListener(`${SCHEME}:${name}`, accept, options, () =>
        listeners.delete(name),
      );
      listeners.set(name, listener);
      return listener;
    },
    connect: async (address, options = {}) => {
      const listener = listeners.get(addressOf(address, SCHEME).name);
      options.signal?.throwIfAborted();
      if (listener === undefined) throw connectFailed(address);
      return listener.connect(options);
    },
  };
}

class InProcessListener implements Listener {
  readonly address: string;
  readonly #accept: Acceptor;
  readonly #options: ConnectionOptions;
  /** Gives the name back. */
  readonly #leave: () => void;
  readonly #connections = new Set<InProcessConnection>();
  #state: ListenerState = { kind: "open" };
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(address: string, accept: Acceptor, options: ConnectionOptions, leave: () => void) {
    this.address = address;
    this.#accept = accept;
    this.#options = options;
    this.#leave = leave;
    endOptions(options);
  }

  get state(): ListenerState {
    return this.#state;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Makes a connection, hands one end to whoever listens, and returns the other. */
  connect(options: ConnectionOptions): Connection {
    const [near, far] = inProcessPair(
      { peer: { transport: SCHEME, address: this.address }, ...endOptions(options) },
      {
        peer: { transport: SCHEME, address: "" },
        ...endOptions(this.#options),
        onClosed: () => this.#connections.delete(far),
      },
    );
    this.#connections.add(far);
    try {
      this.#accept(far);
    } catch (cause) {
      void far.close(refused(this.address, cause));
    }
    return near;
  }

  drain(): Promise<void> {
    this.#drained ??= this.#end("draining", (connection) => connection.drain());
    return this.#drained;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end("closed", (connection) => connection.close());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #end(
    kind: "draining" | "closed",
    endConnection: (connection: InProcessConnection) => Promise<unknown>,
  ): Promise<void> {
    if (this.#state.kind === "open") this.#leave();
    if (this.#state.kind !== "closed") this.#state = { kind };
    await Promise.all(Array.from(this.#connections, endConnection));
    this.#state = { kind: "closed" };
  }
}

function endOptions(options: ConnectionOptions): {
  readonly limits: ConnectionLimits;
  readonly highWaterBytes: number;
} {
  const { limits, highWaterBytes } = connectionSettings(options);
  return { limits, highWaterBytes };
}

function listenFailed(address: string): AmphisError {
  const reason = "another listener has this name";
  return new AmphisError("LISTEN_FAILED", `Cannot listen on ${address}: ${reason}`, {
    address,
    reason,
  });
}

function connectFailed(address: string): AmphisError {
  const reason = "nobody in this process listens there";
  return new AmphisError("CONNECT_FAILED", `Cannot connect to ${address}: ${reason}`, {
    address,
    reason,
  });
}

function refused(address: string, cause: unknown): AmphisError {
  const reason = "whoever listens refused it";
  return new AmphisError(
    "CONNECTION_CLOSED",
    `Cannot accept connection on ${address}: ${reason}`,
    { address, reason },
    { cause },
  );
}
