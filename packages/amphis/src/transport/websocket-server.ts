import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

/** A peer that opened a socket must have asked for its WebSocket by then. */
const REQUEST_TIMEOUT_MS = 10_000;

/** An HTTP server that serves nothing but upgrades, with TLS if it is given. */
export function upgradeServer(tls: ServerOptions | undefined): Server {
  const limits = { headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  return tls === undefined
    ? createServer(limits, onlyUpgrades)
    : createSecureServer({ ...limits, handshakeTimeout: REQUEST_TIMEOUT_MS, ...tls }, onlyUpgrades);
}

function onlyUpgrades(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { Connection: "close", "Content-Type": "text/plain" });
  response.end("Upgrade Required");
}

/**
 * Starts to listen.
 *
 * @throws the error of the operating system, or the reason of the signal; the server is closed then
 */
export function startServer(
  server: Server,
  where: { readonly host: string; readonly port: number; readonly backlog: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    server.once("error", onError);
    server.listen(where, () => {
      server.off("error", onError);
      // An accept that fails for want of a descriptor loses that peer and not the listener.
      server.on("error", () => undefined);
      if (signal?.aborted === true) server.close(() => reject(signal.reason as Error));
      else resolve();
    });
  });
}

/** Host and port of a server, as in a URL; undefined while it does not listen on a port. */
export function boundTo(
  server: Server,
): { readonly host: string; readonly port: number } | undefined {
  const bound: AddressInfo | string | null = server.address();
  if (bound === null || typeof bound === "string") return undefined;
  return { host: urlHost(bound.address), port: bound.port };
}

export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
