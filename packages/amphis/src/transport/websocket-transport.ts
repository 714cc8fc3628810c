import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

import { AmphisError, DEFAULT_MAX_FRAME_BYTES } from "@amphis/protocol";

import { addressOf, formatAddress } from "./address.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { TlsOptions } from "./tls.ts";
import type {
  Acceptor,
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  PeerIdentity,
  Transport,
} from "./transport.ts";
import { WebSocketChannel } from "./websocket-channel.ts";
import { connectSocket } from "./websocket-connect.ts";
import { WebSocketListener } from "./websocket-listener.ts";
import { MAX_MESSAGE_BYTES } from "./websocket-message.ts";
import { boundTo, startServer, upgradeServer, urlHost } from "./websocket-server.ts";
import { certified, isDistrust, rejected } from "./trust.ts";
import { clientTls, serverTls } from "./websocket-tls.ts";

/** {@link WebSocketOptions}, checked and complete. */
export interface WebSocketSettings {
  readonly origins: "any" | readonly string[];
  readonly server: HttpServer | HttpsServer | undefined;
  readonly tls: TlsOptions;
}

/** What `webSocket` loads when it is used. */
export class WebSocketTransport implements Transport {
  readonly scheme = "ws";
  readonly #origins: "any" | readonly string[];
  readonly #server: HttpServer | HttpsServer | undefined;
  readonly #tls: TlsOptions;

  constructor({ origins, server, tls }: WebSocketSettings) {
    this.#origins = origins;
    this.#server = server;
    this.#tls = tls;
  }

  async listen(address: string, accept: Acceptor, options: ListenOptions = {}): Promise<Listener> {
    const target = addressOf(address, "ws", "wss");
    const { signal, backlog = 4_096, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    signal?.throwIfAborted();
    const path = target.path.split("?", 1)[0] ?? "/";
    const server = this.#server ?? this.#ownServer(target.scheme, address);
    if (this.#server === undefined) {
      const where = { host: target.host, port: target.port, backlog };
      await startServer(server, where, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw listenFailed(address, (error as Error).message, error);
      });
    } else {
      checkServer(this.#server, address, target);
    }
    const bound = boundTo(server);
    if (bound === undefined) throw listenFailed(address, NOT_LISTENING);
    const host = this.#server === undefined ? target.host : bound.host;
    const init = {
      address: formatAddress({ scheme: target.scheme, host, port: bound.port, path }),
      server,
      ownsServer: this.#server === undefined,
      rule: { path, origins: this.#origins, maxMessageBytes: maxMessageBytes(maxFrameBytes) },
      options,
      identify: ({ socket }: IncomingMessage) => ({
        ...remoteOf(target.scheme, socket),
        ...certified(socket),
      }),
    };
    return new WebSocketListener(init, accept);
  }

  async connect(address: string, options: ConnectOptions = {}): Promise<Connection> {
    const target = addressOf(address, "ws", "wss");
    const { signal, connectTimeoutMs = 10_000, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    signal?.throwIfAborted();
    const url = formatAddress(target);
    return connectSocket({
      url,
      options: {
        perMessageDeflate: false,
        maxPayload: maxMessageBytes(maxFrameBytes),
        ...(target.scheme === "wss" ? clientTls(this.#tls, target.host) : {}),
      },
      signal,
      timeoutMs: connectTimeoutMs,
      open: (socket, raw) => {
        const peer = { transport: target.scheme, address: url, ...certified(raw) };
        return new FramedConnection(new WebSocketChannel(socket, peer), options);
      },
      fail: (cause) => (isDistrust(cause) ? rejected(url, cause) : connectFailed(url, cause)),
    });
  }

  #ownServer(scheme: "ws" | "wss", address: string): HttpServer {
    if (scheme === "ws") return upgradeServer(undefined);
    const server = upgradeServer(serverTls(this.#tls));
    server.on("tlsClientError", (cause: Error, socket: Socket) => {
      socket.destroy();
      this.#tls.onRejected?.(rejected(address, cause));
    });
    return server;
  }
}

const NOT_LISTENING = "the given server does not listen on a port";

/** A message that carries several frames may be longer than any of them. */
function maxMessageBytes(maxFrameBytes: number): number {
  return Math.max(maxFrameBytes, MAX_MESSAGE_BYTES);
}

function remoteOf(scheme: string, { remoteAddress = "", remotePort }: Socket): PeerIdentity {
  return { transport: scheme, address: `${scheme}://${urlHost(remoteAddress)}:${remotePort}` };
}

function checkServer(
  server: HttpServer | HttpsServer,
  address: string,
  target: { readonly scheme: "ws" | "wss"; readonly port: number },
): void {
  const secure = server instanceof HttpsServer;
  if (secure !== (target.scheme === "wss")) {
    throw listenFailed(address, `the given server speaks ${secure ? "HTTPS" : "HTTP without TLS"}`);
  }
  const bound = boundTo(server);
  if (bound === undefined) throw listenFailed(address, NOT_LISTENING);
  if (target.port !== 0 && target.port !== bound.port) {
    throw listenFailed(address, `the given server listens on port ${bound.port}`);
  }
}

function listenFailed(
  address: string,
  reason: string,
  cause?: unknown,
): AmphisError<"LISTEN_FAILED"> {
  const message = `Cannot listen on ${address}: ${reason}`;
  return new AmphisError("LISTEN_FAILED", message, { address, reason }, { cause });
}

function connectFailed(address: string, cause: Error): AmphisError<"CONNECT_FAILED"> {
  const { message: reason } = cause;
  const message = `Cannot connect to ${address}: ${reason}`;
  return new AmphisError("CONNECT_FAILED", message, { address, reason }, { cause });
}
