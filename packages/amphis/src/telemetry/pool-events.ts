import { type EventChannel, eventChannel } from "./event-channel.ts";

/** A pool takes calls from now on. */
export interface PoolOpen {
  readonly pool: string;
  readonly profile: string;
  readonly minWorkers: number;
  readonly maxWorkers: number;
}

/** A pool takes no more calls, and ends when those that it has are done. */
export interface PoolDrain {
  readonly pool: string;
  readonly waiting: number;
  readonly running: number;
}

/** A pool is over, and so are its workers. */
export interface PoolClose {
  readonly pool: string;
  readonly reason: "drained" | "stopped" | "killed" | "failed";
  /** Calls that it answered, in whatever way. */
  readonly calls: number;
}

/** A session has its worker from now on. */
export interface SessionOpen {
  readonly pool: string;
  readonly session: string;
  readonly worker: number;
}

/** A session is over; its objects in Python are let go. */
export interface SessionClose {
  readonly pool: string;
  readonly session: string;
  readonly worker: number;
  readonly reason: string;
}

export type BreakerState = "closed" | "half-open" | "open";

/** The breaker of a pool, or of one of its devices, changed its mind about calls. */
export interface BreakerChange {
  readonly pool: string;
  /** Absent for the breaker of the whole pool. */
  readonly device?: string | undefined;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** Deaths of workers that it counts at this moment. */
  readonly crashes: number;
  readonly retryAfterMs?: number | undefined;
}

export const poolOpen: EventChannel<PoolOpen> = eventChannel("amphis:pool:open");
export const poolDrain: EventChannel<PoolDrain> = eventChannel("amphis:pool:drain");
export const poolClose: EventChannel<PoolClose> = eventChannel("amphis:pool:close");
export const sessionOpen: EventChannel<SessionOpen> = eventChannel("amphis:session:open");
export const sessionClose: EventChannel<SessionClose> = eventChannel("amphis:session:close");
export const breakerChange: EventChannel<BreakerChange> = eventChannel("amphis:breaker:change");
