/*
 * Frames between processes, over anything. Start with `listen` and `connect`, which take an address of any kind; the contract that all
 * transports keep is in `transport.ts`. `amphis/transport/browser` is for browsers.
 */

// The contract
export type {
  Acceptor,
  BatchOptions,
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionOptions,
  ConnectionState,
  ConnectOptions,
  Listener,
  ListenerState,
  ListenOptions,
  PeerCertificate,
  PeerIdentity,
  Receiver,
  SendOptions,
  Transport,
} from "./transport.ts";

// By address
export { connect, listen, transportFor } from "./dispatch.ts";
export { recommended } from "./recommended.ts";
export type { Surroundings } from "./recommended.ts";
export { formatAddress, parseAddress } from "./address.ts";
export type { Address, HostAddress, Scheme, WebSocketAddress } from "./address.ts";

// Transports with options
export { unixSocket } from "./unix-socket.ts";
export type { UnixSocketOptions } from "./unix-socket.ts";
export { connectionOver, hostChannel, sharedMemory } from "./shared-memory/index.ts";
export type {
  HandedOverOptions,
  RingOptions,
  SharedMemoryTransportOptions,
} from "./shared-memory/index.ts";
export { namedPipe } from "./named-pipe.ts";
export { tcp } from "./tcp.ts";
export { tls } from "./tls.ts";
export type { TlsOptions } from "./tls.ts";
export { webSocket } from "./websocket.ts";
export type { WebSocketOptions } from "./websocket.ts";
export { stdio, stdioOf } from "./stdio.ts";
export type { StdioOptions } from "./stdio.ts";
export { inProcess } from "./in-process.ts";

// On top of a connection
export { handshake } from "./handshake.ts";
export type { Handshake, HandshakeOptions } from "./handshake.ts";
export { openPool } from "./pool.ts";
export type {
  AcquireOptions,
  Connect,
  HealthCheck,
  Lease,
  Pool,
  PoolMetrics,
  PoolOptions,
  PoolState,
} from "./pool.ts";
export { reconnecting } from "./reconnect.ts";
export type {
  Link,
  LinkOptions,
  LinkSendOptions,
  LinkState,
  WhenUpOptions,
  WhileDown,
} from "./reconnect.ts";

// For those who write transports
export type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
export { DuplexChannel } from "./duplex-channel.ts";
export { FramedConnection } from "./framed-connection.ts";
