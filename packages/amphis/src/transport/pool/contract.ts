/*
 * A pool holds connections to one place and lends them, one holder at a time.
 *
 * Lending. `acquire` gives a connection that is idle, else opens one, else waits; those who wait are served in the order in which they
 * came. It fails with POOL_TIMEOUT, with the signal's reason, or with the error of an attempt to connect: an attempt that fails is told to
 * the one who has waited longest, and the next attempt is made for the next. It never lends a connection that is known to have ended, nor
 * one that the health check refused.
 *
 * Bounds. There are never more than `maxConnections`, counted from the start of the attempt until nothing of the connection is left.
 * `minConnections` are kept open whether wanted or not; lost ones are replaced, with back-off while that fails.
 *
 * Holding. A lease shows the connection as if it were the holder's own, with a receiver of its own, until it is released. Frames that
 * arrive before the holder sets a receiver wait and stop the peer. A holder releases when it has had all its answers: a connection that
 * still has frames for the last holder, or gets one while it is idle, is closed and not lent again. A holder that cannot know gives the
 * connection up with `discard`.
 *
 * Ending. `drain` lends no more, serves those who already wait, waits for the leases, and drains every connection. `close` rejects those
 * who wait and closes every connection, lent ones too. Both work once, from any state, and resolve when no connection, attempt or timer is
 * left. Disposing closes, since holders may take as long as they like.
 */

import type { Backoff, BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Connection } from "../transport.ts";

/** Opens one connection. When the signal aborts it must settle soon: the pool waits for it when it closes. */
export type Connect = (signal: AbortSignal) => Promise<Connection>;

/** Resolves when the connection can be used, rejects when not; the signal ends it at its time limit. */
export type HealthCheck = (connection: Connection, signal: AbortSignal) => Promise<void>;

export interface PoolOptions {
  /** Connections that are kept open while nobody wants them. @default 0 */
  readonly minConnections?: number | undefined;
  /** Most connections at a time. @default 10 */
  readonly maxConnections?: number | undefined;
  /** A connection beyond the minimum that is idle for so long is closed. 0 = never. @default 60_000 */
  readonly idleTimeoutMs?: number | undefined;
  /** An older connection is closed as soon as nobody holds it. 0 = never. @default 0 */
  readonly maxLifetimeMs?: number | undefined;
  /** Asked before an idle connection is lent; one that just opened is not asked. @default none */
  readonly healthCheck?: HealthCheck | undefined;
  /** Longest time for one health check; then the connection is closed. @default 5_000 */
  readonly healthCheckTimeoutMs?: number | undefined;
  /** Longest wait of `acquire`; then POOL_TIMEOUT. 0 = no limit. @default 10_000 */
  readonly acquireTimeoutMs?: number | undefined;
  /** Waits between attempts to keep the minimum, while they fail. */
  readonly backoff?: BackoffOptions | undefined;
  /** Where the connections lead, for error messages. @default what the latest connection says */
  readonly address?: string | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 to 1, without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

export interface AcquireOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Moment on the pool's clock (`performance.now()`) from which waiting is in vain; then POOL_TIMEOUT. */
  readonly deadline?: number | undefined;
}

export interface Lease extends AsyncDisposable {
  /** The holder's connection. After the release it is closed for the holder, and open for the next one. */
  readonly connection: Connection;
  /** Gives the connection back, once. Disposing does the same. */
  release(): Promise<void>;
  /** Gives it back to be closed: nobody gets it again. */
  discard(): Promise<void>;
}

export type PoolState =
  | { readonly kind: "open" }
  | { readonly kind: "draining" }
  | { readonly kind: "closed" };

/** What the pool has and had; the first five are now, the others since it opened. */
export interface PoolMetrics {
  /** Connections, whoever has them. */
  readonly open: number;
  /** Connections that nobody has. */
  readonly idle: number;
  /** Connections that somebody holds. */
  readonly lent: number;
  /** Attempts to connect that are under way. */
  readonly opening: number;
  /** Callers of `acquire` that wait. */
  readonly waiting: number;
  /** Leases given. */
  readonly acquired: number;
  /** Callers that waited in vain until their time was up. */
  readonly timeouts: number;
  /** Connections opened. */
  readonly created: number;
  /** Connections that ended, for any reason. */
  readonly closed: number;
  /** Attempts to connect that failed. */
  readonly failed: number;
  /** Connections that the health check refused. */
  readonly unhealthy: number;
}

export interface Pool extends AsyncDisposable {
  readonly state: PoolState;
  /** As of now; the next call gives new figures. */
  readonly metrics: PoolMetrics;
  /** @throws {AmphisError} POOL_TIMEOUT, CONNECTION_CLOSED when the pool has ended, or what the attempt to connect failed with */
  acquire(options?: AcquireOptions): Promise<Lease>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Options with their defaults. */
export interface PoolSettings {
  readonly minConnections: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly healthCheck: HealthCheck | undefined;
  readonly healthCheckTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly backoff: Backoff;
  readonly address: string;
  readonly clock: Clock;
}
