/*
 * A transport carries frames between two processes. All transports keep one contract, so that what is built on them need not know which it
 * has; `@amphis/conformance/transport` holds the contract as tests.
 *
 * Opening. `connect` resolves when bytes can flow, and `listen` when peers can connect; both take a signal, which ends the attempt and
 * nothing that came of it, and a deadline where they could wait. They fail with CONNECT_FAILED; LISTEN_FAILED; PEER_REJECTED for a peer
 * that is not trusted; or, before any input or output, ADDRESS_INVALID for what is no address, or none here: `pipe:` outside Windows,
 * `unix:` on it. A listener that runs out of descriptors loses the peers of that moment and takes others later.
 *
 * Agreeing. `handshake` is the first use of a connection, on both sides. It fails with PEER_LOST for silence, FRAME_INVALID for a first
 * frame that is no hello, BODY_INVALID for a bad one, VERSION_UNSUPPORTED or NEGOTIATION_FAILED when there is nothing that both take, or
 * what the connection ended with; by then the connection is closed.
 *
 * Order. Frames arrive whole, in the order in which they were sent, each at most once. A frame is lost only with its connection, and the
 * sender is told that the connection ended.
 *
 * Sending. `send` resolves when the frame is accepted: it is on its way, and no more than `highWaterBytes` wait before it. A sender that
 * awaits each `send` therefore never fills memory, however slow the peer. It rejects when the frame cannot be sent (FRAME_TOO_LARGE for
 * the peer's limit, CONNECTION_CLOSED), in which case nothing of it was sent, or with the signal's reason, in which case it may have been.
 *
 * Gathering. A frame that finds the line idle leaves at once; those behind it in the same turn of the event loop leave together when it
 * ends, as one write. `ConnectionOptions.batch` changes that.
 *
 * Receiving. Frames go to one receiver, set once. When it returns a promise, no other frame is handed over and, but for a chunk, nothing
 * more is read until that settles, so a slow receiver stops its peer and not its own process. Frames that arrive before the receiver is set wait, bounded in the same way. A receiver that
 * throws ends the connection.
 *
 * Ending. `drain` sends what was accepted, says that nothing more comes, hands over what the peer still sends, and closes when the peer has
 * said so too; a peer that never does is ended by `close`, which drops what waits. Both work once, from any state, concurrently and twice,
 * and resolve when nothing of the connection is left: no descriptor, no timer, no listener. `closed` resolves with why, for every reason.
 * A process that is killed between two frames has its sockets closed in good order by the system, so it shows as `peer`, as one that
 * closed: who must know that work was finished has to be told so in a frame. Within a frame, or with a reset, it shows as `failed`.
 *
 * Signs of life. Ping and pong belong to the transport and never reach a receiver. A side whose receiver is busy gives signs unasked, so
 * it is not taken for lost; a peer that reads nothing but gives them stays connected. `silentMs` tells how long there was none.
 *
 * Ownership. Bodies above 4 KiB and attachments are not copied: do not write to them after `send`.
 *
 * Peers are hostile. Bytes that are no frame, a frame beyond the limit, a peer that stops reading, or one that is gone end that connection
 * with a typed error and touch no other.
 */

import type { AmphisError, Frame, FrameInit } from "@amphis/protocol";

import type { MemoryLink } from "../memory/index.ts";

/** What one process knows of the one at the other end, as far as the transport can tell. */
export interface PeerIdentity {
  /** `unix`, `shm`, `pipe`, `tcp`, `tls`, `ws`, `wss`, `stdio`, `inproc`. */
  readonly transport: string;
  /** Address of the other end for people; empty where it has none. */
  readonly address: string;
  /** Who the operating system says it is: Unix sockets with the native core. */
  readonly process?: { readonly pid: number; readonly uid: number; readonly gid: number };
  /** Who its certificate says it is, verified: mutual TLS. */
  readonly certificate?: PeerCertificate;
}

export interface PeerCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names, addresses and URIs: `DNS:host`, `URI:spiffe://…`. */
  readonly names: readonly string[];
  /** SHA-256 of the certificate, in lower-case hexadecimal. */
  readonly fingerprint: string;
}

export type ConnectionState =
  | { readonly kind: "open" }
  | { readonly kind: "draining" }
  | { readonly kind: "closed"; readonly reason: CloseReason };

/** Why a connection ended. */
export type CloseReason =
  /** This side closed or drained it. */
  | { readonly kind: "local" }
  /** The peer closed it in good order, or its process ended between two frames. */
  | { readonly kind: "peer" }
  /** It broke: reset, cut inside a frame, bytes that are no frame, a peer that is gone. */
  | { readonly kind: "failed"; readonly error: AmphisError };

/** Takes frames. While a promise that it returned is pending, nothing more is read. */
export type Receiver = (frame: Frame) => void | Promise<void>;

export interface SendOptions {
  /** Gives up waiting to be accepted. */
  readonly signal?: AbortSignal | undefined;
}

/** Both ends of a connection look the same. */
export interface Connection extends AsyncDisposable {
  readonly state: ConnectionState;
  readonly peer: PeerIdentity;
  /** Limits in force; a handshake lowers them to what both sides take. */
  readonly limits: ConnectionLimits;
  /** Resolves once, whatever the reason; never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Whether `send` would wait. */
  readonly isFull: boolean;
  /** Bytes that were accepted and are not known to be on their way; 0 once closed. */
  readonly queuedBytes: number;
  /**
   * Milliseconds since the last sign of life of the peer.
   *
   * 0 while this side does not read and so could not notice one, once it is closed, and always within a process.
   */
  readonly silentMs: number;
  /** Memory shared with the peer, where the transport lends some. It ends with the connection. */
  readonly memory?: MemoryLink | undefined;
  send(frame: FrameInit, options?: SendOptions): Promise<void>;
  /**
   * As `send`, of a frame that is encoded already, in one piece that belongs to the connection from then on. Where the transport moves bytes.
   *
   * @returns undefined when it was accepted at once, which costs no promise
   * @throws {AmphisError} FRAME_TOO_LARGE, CONNECTION_CLOSED
   */
  sendWhole?(frame: Uint8Array): Promise<void> | undefined;
  /** Gives the transport what was accepted, before this turn is over. Where the transport moves bytes. */
  flush?(): void;
  /**
   * Asks the peer for a sign of life, and resolves when there is one. Where the transport has them.
   *
   * @throws {AmphisError} CONNECTION_CLOSED when it ends before
   */
  ping?(): Promise<void>;
  /** Sets who takes the frames. @throws {TypeError} when there is one already */
  receive(receiver: Receiver): void;
  /**
   * Sends what was accepted, blocks this thread until something comes, and hands it to the receiver before it returns. For callers who can
   * do nothing else meanwhile: no timer, no promise and no other event is served. A receiver that returned a promise gets nothing more.
   *
   * @param interrupt over a `SharedArrayBuffer`: another thread ends it within 50 ms by storing something else than 0 in its first place
   * @returns whether something came in time, the end of the peer included
   * @throws {TypeError} where the transport cannot: all but shared memory
   */
  pump?(timeoutMs: number, interrupt?: Int32Array): boolean;
  /** Replaces limits and versions by what a handshake agreed on. */
  agree(limits: Partial<ConnectionLimits>): void;
  /** Sends what was accepted, and closes when the peer has sent its last too. */
  drain(): Promise<CloseReason>;
  /** Closes now, and drops what waits. With an error, `closed` tells it as the reason. */
  close(error?: AmphisError): Promise<CloseReason>;
}

export interface ConnectionLimits {
  /** Largest frame that is sent or taken. @default 67_108_864 */
  readonly maxFrameBytes: number;
  /** Lowest and highest protocol version that is taken. @default [1, 1] */
  readonly versions: readonly [number, number];
}

export interface ConnectionOptions {
  /** @default 67_108_864 */
  readonly maxFrameBytes?: number | undefined;
  /** Bytes that may wait to be sent before `send` waits too. @default 1_048_576 */
  readonly highWaterBytes?: number | undefined;
  /**
   * A peer that is silent for so long is asked for a sign of life, and given up (PEER_LOST) when none comes for as long again. 0 = never.
   * Both may come a quarter of it late, as connections share a timer. A peer whose death the socket reports is noticed at once in any case.
   * @default 15_000; 0 over shared memory, where a peer that computes cannot answer and its socket tells of its death
   */
  readonly heartbeatMs?: number | undefined;
  /**
   * How frames are gathered that follow one which has just left: many small ones are one write. A frame that finds the line idle never
   * waits. Those that are gathered wait for a program that computes on in the same turn; one that does takes `off`. Has no effect within
   * a process and through rings in shared memory, where nothing is gained; in browsers, whose event loop does not tell, only `delayMs` gathers. @default {}
   */
  readonly batch?: BatchOptions | "off" | undefined;
}

export interface BatchOptions {
  /** So many bytes leave at once, however little time has passed. @default 65_536 */
  readonly bytes?: number | undefined;
  /** Gathers for so long, counted from the first frame. 0 = until this turn of the event loop ends. @default 0 */
  readonly delayMs?: number | undefined;
}

export interface ConnectOptions extends ConnectionOptions {
  /** Ends the attempt, and not the connection that came of it. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the connection; then CONNECT_FAILED. @default 10_000 */
  readonly connectTimeoutMs?: number | undefined;
}

export interface ListenOptions extends ConnectionOptions {
  /** Ends the attempt to listen. A listener that is open is ended by its `close` and `drain` alone. */
  readonly signal?: AbortSignal | undefined;
  /** Connections that may wait to be accepted by the operating system. @default 4_096 */
  readonly backlog?: number | undefined;
}

export type ListenerState =
  | { readonly kind: "open" }
  | { readonly kind: "draining" }
  | { readonly kind: "closed" };

/** Takes each connection that a peer opens. Throwing closes that connection, and no other. */
export type Acceptor = (connection: Connection) => void;

export interface Listener extends AsyncDisposable {
  readonly state: ListenerState;
  /** Where peers connect, with what the system chose filled in: the port of `tcp://127.0.0.1:0`. */
  readonly address: string;
  /** Connections that are open. */
  readonly connections: ReadonlySet<Connection>;
  /** Takes no more peers, drains every connection, then closes. */
  drain(): Promise<void>;
  /** Closes it and every connection now. */
  close(): Promise<void>;
}

/** One way to carry frames. */
export interface Transport {
  /** First part of its addresses. */
  readonly scheme: string;
  listen(address: string, accept: Acceptor, options?: ListenOptions): Promise<Listener>;
  connect(address: string, options?: ConnectOptions): Promise<Connection>;
}
