import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";

import type { TlsOptions } from "./tls.ts";
import type { Transport } from "./transport.ts";
import type { WebSocketSettings } from "./websocket-transport.ts";

export interface WebSocketOptions {
  /**
   * Web pages that may connect to a listener, as `https://app.example.com`. A program that is no browser sends no origin and is
   * not asked for one. @default []
   */
  readonly origins?: "any" | readonly string[] | undefined;
  /**
   * Listens for upgrades on this server, which listens already, rather than on one of its own. It is not closed with the
   * listener; its port and TLS are its owner's.
   */
  readonly server?: HttpServer | HttpsServer | undefined;
  /** Certificates and trust of `wss:`, for listening and connecting. */
  readonly tls?: TlsOptions | undefined;
}

/**
 * Frames over WebSockets: `ws:` and `wss:`.
 *
 * HTTP, TLS and the package `ws` take several MiB, so they are loaded by the first `listen` or `connect`.
 *
 * @throws {TypeError} for an origin that no browser would ever send
 */
export function webSocket(options: WebSocketOptions = {}): Transport {
  const { origins = [], server, tls = {} } = options;
  const settings: WebSocketSettings = { origins: checkOrigins(origins), server, tls };
  let loaded: Promise<Transport> | undefined;
  const load = (): Promise<Transport> => (loaded ??= loadTransport(settings));
  return {
    scheme: "ws",
    listen: async (address, accept, options) => (await load()).listen(address, accept, options),
    connect: async (address, options) => (await load()).connect(address, options),
  };
}

async function loadTransport(settings: WebSocketSettings): Promise<Transport> {
  const { WebSocketTransport } = await import("./websocket-transport.ts");
  return new WebSocketTransport(settings);
}

/** @throws {TypeError} for an entry that no browser would ever send */
function checkOrigins(origins: "any" | readonly string[]): "any" | readonly string[] {
  if (origins === "any") return origins;
  for (const origin of origins) {
    if (origin !== "null" && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
      throw new TypeError(
        `Cannot make WebSocket transport: an origin looks like https://app.example.com, got ${origin}`,
      );
    }
  }
  return [...origins];
}
