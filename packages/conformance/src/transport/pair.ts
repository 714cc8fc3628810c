import type { Duplex } from "node:stream";

import type {
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from "amphis/transport";

/** Both ends of the transport under test, on an address of their own. Each test opens one. */
export interface TransportPair {
  /** Listens; has the options of the server, such as its certificate. */
  readonly server: Pick<Transport, "listen">;
  /** Connects; has the options of the client. */
  readonly client: Pick<Transport, "connect">;
  /** Where to listen. Port 0 and its like are fine: the listener tells the real one. */
  readonly address: string;
  /** Where nobody listens. Left out by a transport without addresses. */
  readonly nobody?: string | undefined;
  /**
   * Connects to a listener past the transport, for bytes that no honest peer sends. What is written arrives as bytes of frames; what the
   * transport itself puts around them (TLS, WebSocket) is done. Left out by a transport that moves no bytes.
   */
  readonly raw?: ((address: string) => Promise<Duplex>) | undefined;
  /** Listens past the transport, for bytes that no honest listener sends. Left out by a transport that moves no bytes. */
  readonly listenRaw?: (() => Promise<RawListener>) | undefined;
  /** Connects a process to a listener and stops it, as SIGSTOP does: its sockets stay open, and nobody is behind them. */
  readonly freeze?: ((address: string) => Promise<FrozenPeer>) | undefined;
  /** Removes what the pair made: folders, files. Listeners and connections are closed before. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** A listener that is no listener of the transport: the test is the peer, byte by byte. */
export interface RawListener {
  /** Where the client connects. */
  readonly address: string;
  /** The next stream that a client opened. */
  next(): Promise<Duplex>;
  /** Ends every stream, and listens no more. */
  close(): Promise<void>;
}

/** A process that does nothing any more. */
export interface FrozenPeer {
  /** Kills it. */
  close(): Promise<void>;
}

/** A connection seen from both sides. */
export interface Ends {
  /** Connected. */
  readonly near: Connection;
  /** Was accepted. */
  readonly far: Connection;
  readonly listener: Listener;
}

export interface EndsOptions {
  readonly near?: ConnectOptions;
  readonly far?: ListenOptions;
}
