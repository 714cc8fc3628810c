import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { AmphisError } from "@amphis/protocol";

import { certificateOf } from "./certificate.ts";
import type { PeerIdentity } from "./transport.ts";

/** What the peer proved; nothing for a socket without TLS, or a peer that was not asked. */
export function certified(socket: Socket | undefined): Pick<PeerIdentity, "certificate"> {
  const certificate =
    socket !== undefined && isTls(socket) && socket.authorized
      ? socket.getPeerX509Certificate()
      : undefined;
  return certificate === undefined ? {} : { certificate: certificateOf(certificate) };
}

/** Told by what only such sockets have: their class would load all of TLS. */
function isTls(socket: Socket): socket is TLSSocket {
  return "encrypted" in socket;
}

/** Codes of OpenSSL for a chain that it cannot verify, and of Node for a name that does not match. */
const DISTRUST =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/u;

/** Whether a connection failed because the peer's certificate is not trusted. */
export function isDistrust(cause: NodeJS.ErrnoException): boolean {
  return DISTRUST.test(cause.code ?? "");
}

/** The error for a peer that is not trusted. */
export function rejected(address: string, cause: Error): AmphisError<"PEER_REJECTED"> {
  const { message: reason } = cause;
  const message = `Cannot trust peer (${address}): ${reason}`;
  return new AmphisError("PEER_REJECTED", message, { address, reason }, { cause });
}
