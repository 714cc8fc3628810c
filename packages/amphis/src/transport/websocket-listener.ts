import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

import type { WebSocket } from "ws";

import { FramedConnection } from "./framed-connection.ts";
import type {
  Acceptor,
  Connection,
  ConnectionOptions,
  Listener,
  ListenerState,
  PeerIdentity,
} from "./transport.ts";
import { WebSocketChannel } from "./websocket-channel.ts";
import { connectionClosed } from "./websocket-message.ts";
import { acceptUpgrades, type UpgradeRule } from "./websocket-upgrade.ts";

export interface WebSocketListenerInit {
  readonly address: string;
  readonly server: HttpServer;
  /** Whether the server was made for this listener and is closed with it. */
  readonly ownsServer: boolean;
  readonly rule: UpgradeRule;
  readonly options: ConnectionOptions;
  readonly identify: (request: IncomingMessage) => PeerIdentity;
}

/** Connections over the WebSockets of one path of an HTTP server that listens. */
export class WebSocketListener implements Listener {
  readonly address: string;
  readonly #init: WebSocketListenerInit;
  readonly #accept: Acceptor;
  readonly #connections = new Set<Connection>();
  /** Sockets of the own server, upgraded or not. */
  readonly #sockets = new Set<Socket>();
  readonly #stopUpgrades: () => void;
  readonly #onSocket = (socket: Socket): void => {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  };
  readonly #forget = (connection: Connection): void => void this.#connections.delete(connection);
  #state: ListenerState = { kind: "open" };
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(init: WebSocketListenerInit, accept: Acceptor) {
    this.address = init.address;
    this.#init = init;
    this.#accept = accept;
    if (init.ownsServer) init.server.on("connection", this.#onSocket);
    this.#stopUpgrades = acceptUpgrades(init.server, init.rule, (socket, request) =>
      this.#open(socket, request),
    );
  }

  get state(): ListenerState {
    return this.#state;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  drain(): Promise<void> {
    this.#drained ??= this.#end((connection) => connection.drain());
    return this.#drained;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end((connection) => connection.close());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  #open(socket: WebSocket, request: IncomingMessage): void {
    const channel = new WebSocketChannel(socket, this.#init.identify(request));
    const connection = new FramedConnection(channel, this.#init.options, this.#forget);
    this.#connections.add(connection);
    try {
      this.#accept(connection);
    } catch (cause) {
      const { address } = connection.peer;
      void connection.close(connectionClosed(address, "its acceptor failed", { cause }));
    }
  }

  /** Nobody is refused while the others finish: the server does not listen any more. */
  async #end(end: (connection: Connection) => Promise<unknown>): Promise<void> {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "draining" };
    this.#stopUpgrades();
    const stopped = this.#stopServer();
    await Promise.all([...this.#connections].map(end));
    // What is left never became a WebSocket.
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
    this.#init.server.off("connection", this.#onSocket);
    this.#state = { kind: "closed" };
  }

  #stopServer(): Promise<void> {
    const { server, ownsServer } = this.#init;
    if (!ownsServer) return Promise.resolve();
    return new Promise((resolve) => {
      // A server that was stopped by the other of drain and close calls back too.
      server.close(() => resolve());
    });
  }
}
