import { type AddressInfo, isIP, type Socket, type SocketConstructorOpts } from "node:net";
import type { ConnectionOptions, SecureContextOptions } from "node:tls";

import type { AmphisError } from "@amphis/protocol";

import { addressOf, formatAddress } from "./address.ts";
import { connectSocket } from "./socket-connect.ts";
import { listenSocket } from "./socket-listener.ts";
import { identifyRemote } from "./tcp.ts";
import type { PeerIdentity, Transport } from "./transport.ts";
import { certified, isDistrust, rejected } from "./trust.ts";

export interface TlsOptions {
  /** This side's certificate and key, the authorities that it trusts, and what else Node's secure contexts take. */
  readonly secureContext?: SecureContextOptions | undefined;
  /** A listener lets in only peers with a certificate of an authority in `secureContext.ca`. @default false */
  readonly requestClientCertificate?: boolean | undefined;
  /** Name that the listener's certificate must have. @default the host of the address */
  readonly serverName?: string | undefined;
  /** Longest time that a peer of a listener may take to prove who it is, in milliseconds. @default 10_000 */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Hears of each peer that a listener turned away, with PEER_REJECTED. */
  readonly onRejected?: ((error: AmphisError) => void) | undefined;
}

/**
 * Frames over TLS 1.2 or later. What a peer's certificate says is verified, and in `peer.certificate`.
 *
 * Node's TLS takes several MiB, so it is loaded by the first `listen` or `connect`.
 */
export function tls(settings: TlsOptions = {}): Transport {
  const {
    secureContext = {},
    requestClientCertificate = false,
    serverName,
    handshakeTimeoutMs = 10_000,
    onRejected,
  } = settings;
  return {
    scheme: "tls",
    connect: async (address, options) => {
      const { host, port } = addressOf(address, "tls");
      const { connect } = await import("node:tls");
      const name = serverName ?? host;
      const servername = isIP(name) === 0 ? { servername: name } : {};
      const wanted: ConnectionOptions & SocketConstructorOpts = {
        minVersion: "TLSv1.2",
        ...secureContext,
        ...servername,
        host,
        port,
        allowHalfOpen: true,
        rejectUnauthorized: true,
      };
      return connectSocket(
        {
          address,
          ready: "secureConnect",
          open: () => connect(wanted).setNoDelay(true),
          identify: (socket) => ({ transport: "tls", address, ...certified(socket) }),
          refusal: (cause) => (isDistrust(cause) ? rejected(address, cause) : undefined),
        },
        options,
      );
    },
    listen: async (address, accept, options) => {
      const { host, port } = addressOf(address, "tls");
      const { createServer } = await import("node:tls");
      const server = createServer({
        minVersion: "TLSv1.2",
        ...secureContext,
        allowHalfOpen: true,
        noDelay: true,
        handshakeTimeout: handshakeTimeoutMs,
        requestCert: requestClientCertificate,
        rejectUnauthorized: true,
      });
      server.on("tlsClientError", (cause, socket) => {
        socket.destroy();
        onRejected?.(rejected(address, cause));
      });
      return listenSocket(
        {
          server,
          arrival: "secureConnection",
          where: { host, port },
          addressOf: (bound) =>
            formatAddress({ scheme: "tls", host, port: (bound as AddressInfo).port }),
          identify: (socket) => identify(socket),
        },
        accept,
        address,
        options,
      );
    },
  };
}

function identify(socket: Socket): PeerIdentity {
  return { ...identifyRemote("tls", socket), ...certified(socket) };
}
