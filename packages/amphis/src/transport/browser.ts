/*
 * The client for browsers and every other runtime with the standard WebSocket. Nothing here, nor in what it imports, knows Node.
 */

import { AmphisError } from "@amphis/protocol";

import { addressOf, formatAddress } from "./address.ts";
import {
  BrowserChannel,
  type StandardWebSocket,
  type StandardWebSocketEvent,
} from "./browser-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { Connection, ConnectOptions } from "./transport.ts";

export { addressOf, formatAddress, parseAddress } from "./address.ts";
export type { Address } from "./address.ts";
export type { StandardWebSocket, StandardWebSocketEvent } from "./browser-channel.ts";
export type {
  BatchOptions,
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionOptions,
  ConnectionState,
  ConnectOptions,
  PeerIdentity,
  Receiver,
  SendOptions,
} from "./transport.ts";

export type StandardWebSocketClass = new (url: string) => StandardWebSocket;

export interface WebSocketConnectOptions extends ConnectOptions {
  /** What opens the WebSocket. @default the WebSocket of the platform */
  readonly WebSocket?: StandardWebSocketClass | undefined;
}

/**
 * Opens a connection to a listener for `ws:` or `wss:`.
 *
 * The platform hides why it could not connect, also from this function; the console of a browser tells.
 *
 * @throws {AmphisError} ADDRESS_INVALID, CONNECT_FAILED
 */
export async function connectWebSocket(
  url: string,
  options: WebSocketConnectOptions = {},
): Promise<Connection> {
  const address = formatAddress(addressOf(url, "ws", "wss"));
  const { signal, connectTimeoutMs = 10_000, WebSocket = platformWebSocket(address) } = options;
  signal?.throwIfAborted();
  const socket = openSocket(WebSocket, address);
  socket.binaryType = "arraybuffer";
  // Once it is open, a close tells; without a listener some platforms take an error for one that nobody handles.
  socket.addEventListener("error", () => undefined);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.removeEventListener("open", onOpen);
      socket.removeEventListener("error", onFailure);
      socket.removeEventListener("close", onFailure);
    };
    const give = (error: Error): void => {
      settle();
      reject(error);
      socket.close();
    };
    const onAbort = (): void => give(signal?.reason as Error);
    // Some platforms give both, Node's own gives no close.
    const onFailure = ({ message }: StandardWebSocketEvent): void => {
      settle();
      const why = message === undefined || message === "" ? "" : ` (${message})`;
      reject(connectFailed(address, `the WebSocket could not be opened${why}`));
    };
    const onOpen = (): void => {
      settle();
      const scheme = address.slice(0, address.indexOf(":"));
      const channel = new BrowserChannel(socket, { transport: scheme, address });
      resolve(new FramedConnection(channel, options));
    };
    const timer = setTimeout(
      () => give(connectFailed(address, `it did not answer within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.addEventListener("open", onOpen);
    socket.addEventListener("error", onFailure);
    socket.addEventListener("close", onFailure);
  });
}

function platformWebSocket(address: string): StandardWebSocketClass {
  const { WebSocket } = globalThis as { readonly WebSocket?: StandardWebSocketClass };
  if (WebSocket === undefined) {
    throw connectFailed(address, "this platform has no WebSocket; pass one as an option");
  }
  return WebSocket;
}

/** The platform refuses some addresses by itself: a page that came by HTTPS opens no `ws:`. */
function openSocket(WebSocket: StandardWebSocketClass, address: string): StandardWebSocket {
  try {
    return new WebSocket(address);
  } catch (cause) {
    throw connectFailed(address, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function connectFailed(
  address: string,
  reason: string,
  cause?: unknown,
): AmphisError<"CONNECT_FAILED"> {
  const message = `Cannot connect to ${address}: ${reason}`;
  return new AmphisError("CONNECT_FAILED", message, { address, reason }, { cause });
}
