import { parseAddress, type Scheme } from "./address.ts";
import { inProcess } from "./in-process.ts";
import { namedPipe } from "./named-pipe.ts";
import { sharedMemory } from "./shared-memory/index.ts";
import { stdio } from "./stdio.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";
import type {
  Acceptor,
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from "./transport.ts";
import { unixSocket } from "./unix-socket.ts";
import { webSocket } from "./websocket.ts";

const webSockets = webSocket();

/** One transport with default options for each scheme. Names of `inproc:` are this process's, and so are the streams of `stdio:`. */
const TRANSPORTS: Readonly<Record<Scheme, Transport>> = {
  unix: unixSocket(),
  shm: sharedMemory(),
  pipe: namedPipe(),
  tcp: tcp(),
  tls: tls(),
  ws: webSockets,
  wss: webSockets,
  stdio: stdio(),
  inproc: inProcess(),
};

/** The transport for an address, with default options. @throws {AmphisError} ADDRESS_INVALID */
export function transportFor(address: string): Transport {
  return TRANSPORTS[parseAddress(address).scheme];
}

/**
 * Listens on an address of any scheme, with the default options of its transport.
 *
 * @throws {AmphisError} ADDRESS_INVALID, LISTEN_FAILED
 */
export async function listen(
  address: string,
  accept: Acceptor,
  options?: ListenOptions,
): Promise<Listener> {
  return transportFor(address).listen(address, accept, options);
}

/**
 * Connects to an address of any scheme, with the default options of its transport.
 *
 * @throws {AmphisError} ADDRESS_INVALID, CONNECT_FAILED, PEER_REJECTED
 */
export async function connect(address: string, options?: ConnectOptions): Promise<Connection> {
  return transportFor(address).connect(address, options);
}
