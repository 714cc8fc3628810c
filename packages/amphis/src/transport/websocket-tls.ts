import type { ServerOptions } from "node:https";
import { isIP, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

import { AmphisError } from "@amphis/protocol";
import type { ClientOptions } from "ws";

import { certificateOf } from "./certificate.ts";
import type { TlsOptions } from "./tls.ts";
import type { PeerIdentity } from "./transport.ts";

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

/** What the peer proved; nothing for a socket without TLS, or a peer that was not asked. */
export function certified(socket: Socket | undefined): Pick<PeerIdentity, "certificate"> {
  const certificate =
    socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return certificate === undefined ? {} : { certificate: certificateOf(certificate) };
}

/** Codes of OpenSSL for a chain that it cannot verify, and of Node for a name that does not match. */
const DISTRUST =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/u;

export function isDistrust(cause: NodeJS.ErrnoException): boolean {
  return DISTRUST.test(cause.code ?? "");
}

export function rejected(address: string, cause: Error): AmphisError<"PEER_REJECTED"> {
  const { message: reason } = cause;
  const message = `Cannot trust peer (${address}): ${reason}`;
  return new AmphisError("PEER_REJECTED", message, { address, reason }, { cause });
}
