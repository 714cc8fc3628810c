import type { AddressInfo, ListenOptions as NetListenOptions, Server, Socket } from "node:net";

import { AmphisError } from "@amphis/protocol";

import type { ByteChannel } from "./byte-channel.ts";
import { connectionSettings } from "./connection-settings.ts";
import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import { describeCause } from "./socket-connect.ts";
import type {
  Acceptor,
  Connection,
  Listener,
  ListenerState,
  ListenOptions,
  PeerIdentity,
} from "./transport.ts";

/** How one kind of socket is listened on. */
export interface ServerPlan {
  readonly server: Server;
  /** Event that brings a socket on which bytes can flow. */
  readonly arrival: "connection" | "secureConnection";
  readonly where: NetListenOptions;
  /** Address with what the system chose filled in. */
  readonly addressOf: (bound: AddressInfo | string | null) => string;
  readonly identify: (socket: Socket) => PeerIdentity;
  /** Agrees with a peer on how bytes flow, from a socket that is paused. @default over the socket itself */
  readonly channel?: (socket: Socket, signal: AbortSignal) => Promise<ByteChannel>;
}

const DEFAULT_BACKLOG = 4096;

/** A server of sockets that become connections. */
export class SocketListener implements Listener {
  readonly address: string;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** Those that are no connection yet, and have to be closed too: TLS or an agreement is under way. */
  readonly #sockets = new Set<Socket>();
  readonly #ending = new AbortController();
  readonly #closed: Promise<void>;
  readonly #forget = (connection: Connection): void => void this.#connections.delete(connection);
  #state: ListenerState = { kind: "open" };

  constructor(plan: ServerPlan, accept: Acceptor, options: ListenOptions) {
    const { server } = plan;
    this.#server = server;
    this.address = plan.addressOf(server.address());
    this.#closed = new Promise((resolve) => {
      server.once("close", () => {
        this.#state = { kind: "closed" };
        resolve();
      });
    });
    if (plan.arrival !== "connection" || plan.channel !== undefined) {
      server.on("connection", (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
      });
    }
    server.on(plan.arrival, (socket: Socket) => {
      if (this.#state.kind !== "open") {
        socket.on("error", () => undefined).destroy();
        return;
      }
      if (plan.channel === undefined) {
        const channel = new DuplexChannel(socket, socket, plan.identify(socket));
        this.#take(new FramedConnection(channel, options, this.#forget), accept);
      } else {
        void this.#agree(plan.channel(socket, this.#ending.signal), socket, options, accept);
      }
    });
    // One peer could not be accepted, for want of descriptors for example; others can.
    server.on("error", () => undefined);
  }

  get state(): ListenerState {
    return this.#state;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  async drain(): Promise<void> {
    this.#stop();
    await Promise.all([...this.#connections].map((connection) => connection.drain()));
    await this.close();
  }

  async close(): Promise<void> {
    this.#stop();
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    this.#ending.abort(new Error("the listener was closed"));
    for (const socket of this.#sockets) socket.destroy();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #stop(): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "draining" };
    this.#server.close();
  }

  /** A peer that does not agree is no connection, and nobody hears of it. */
  async #agree(
    agreeing: Promise<ByteChannel>,
    socket: Socket,
    options: ListenOptions,
    accept: Acceptor,
  ): Promise<void> {
    socket.on("error", () => undefined);
    try {
      const connection = new FramedConnection(await agreeing, options, this.#forget);
      if (this.#state.kind === "open") this.#take(connection, accept);
      else void connection.close();
    } catch {
      socket.destroy();
    }
  }

  #take(connection: Connection, accept: Acceptor): void {
    this.#connections.add(connection);
    try {
      accept(connection);
    } catch (error) {
      const { address } = this;
      const reason = `the acceptor threw: ${describeCause(error as Error)}`;
      const message = `Cannot accept connection on ${address}: ${reason}`;
      void connection.close(
        new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause: error }),
      );
    }
  }
}

/** @throws {AmphisError} LISTEN_FAILED; its cause is the error of the system */
export async function listenSocket(
  plan: ServerPlan,
  accept: Acceptor,
  address: string,
  options: ListenOptions = {},
): Promise<SocketListener> {
  const { signal, backlog = DEFAULT_BACKLOG } = options;
  connectionSettings(options);
  signal?.throwIfAborted();
  const { server } = plan;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ ...plan.where, backlog, exclusive: true }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenFailed(address, error as Error);
  }
  const listener = new SocketListener(plan, accept, options);
  if (signal?.aborted === true) {
    await listener.close();
    throw signal.reason;
  }
  return listener;
}

export function listenFailed(
  address: string,
  cause: Error,
  reason: string = describeCause(cause),
): AmphisError<"LISTEN_FAILED"> {
  const message = `Cannot listen on ${address}: ${reason}`;
  return new AmphisError("LISTEN_FAILED", message, { address, reason }, { cause });
}
