import { tcp } from "../src/transport/tcp.ts";
import type { Connection } from "../src/transport/transport.ts";

/** A TCP server on this machine. */
export interface Loopback extends AsyncDisposable {
  readonly address: string;
  /** Server ends of the connections that are open. */
  readonly connections: ReadonlySet<Connection>;
  /** How many peers connected so far. */
  readonly accepted: number;
  connect(signal: AbortSignal): Promise<Connection>;
  /** Ends every connection and takes no more. */
  stop(): Promise<void>;
}

export async function loopback(
  accept: (connection: Connection) => void,
  address = "tcp://127.0.0.1:0",
): Promise<Loopback> {
  let accepted = 0;
  const listener = await tcp().listen(address, (connection) => {
    accepted += 1;
    accept(connection);
  });
  return {
    address: listener.address,
    connections: listener.connections,
    get accepted() {
      return accepted;
    },
    connect: (signal) => tcp().connect(listener.address, { signal }),
    stop: () => listener.close(),
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

/** Answers each frame with the same one. */
export function echo(connection: Connection): void {
  connection.receive((frame) => connection.send(frame).catch(() => undefined));
}
