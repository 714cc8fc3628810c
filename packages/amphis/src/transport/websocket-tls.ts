import type { ServerOptions } from "node:https";
import { isIP } from "node:net";

import type { ClientOptions } from "ws";

import type { TlsOptions } from "./tls.ts";

/** What the server of `wss:` is made with. */
export function serverTls(options: TlsOptions): ServerOptions {
  const { secureContext, requestClientCertificate = false, handshakeTimeoutMs = 10_000 } = options;
  return {
    minVersion: "TLSv1.2",
    ...secureContext,
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: requestClientCertificate,
    rejectUnauthorized: true,
  };
}

/** What a client of `wss:` is made with. */
export function clientTls(options: TlsOptions, host: string): ClientOptions {
  const name = options.serverName ?? host;
  const servername = isIP(name) === 0 ? { servername: name } : {};
  return {
    minVersion: "TLSv1.2",
    ...options.secureContext,
    ...servername,
    rejectUnauthorized: true,
  };
}
