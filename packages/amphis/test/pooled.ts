import { onTestFinished } from "vitest";

import { openPool, type Connect, type Pool, type PoolOptions } from "../src/transport/pool.ts";
import type { Connection } from "../src/transport/transport.ts";
import { echo, type Loopback, loopback } from "./loopback.ts";

export const BODY: Uint8Array = new Uint8Array([1, 2, 3]);

/** A server that ends with the test. */
export async function serve(
  accept: (connection: Connection) => void = echo,
  address?: string,
): Promise<Loopback> {
  const server = await loopback(accept, address);
  onTestFinished(() => server.stop());
  return server;
}

/** A pool of connections to the server, or of what `connect` opens, that ends with the test. */
export function pooled(to: Loopback | Connect, options: PoolOptions = {}): Pool {
  const pool = openPool(typeof to === "function" ? to : (signal) => to.connect(signal), options);
  onTestFinished(() => pool.close());
  return pool;
}

/** Sends a frame and waits for its echo. */
export async function roundTrip(connection: Connection, callId: number): Promise<number> {
  const answer = new Promise<number>((resolve) => {
    connection.receive((frame) => resolve(frame.callId));
  });
  await connection.send({ kind: "message", body: BODY, callId });
  return answer;
}
