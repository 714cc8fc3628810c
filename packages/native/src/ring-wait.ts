import {
  RING_CORRUPT,
  RING_INTERRUPTED,
  RING_PEER_GONE,
  RING_PENDING,
  RING_TIMED_OUT,
} from "./binding.ts";
import { ringCorrupt } from "./failure.ts";
import { FOREVER_NS, nanoseconds } from "./time.ts";

export interface RingWait {
  /**
   * Upper bound of looking at the ring before sleeping. Less where looking did not pay lately, and not at all while the
   * peer runs on the same CPU. Reaches its full effect above the time of one wake-up, 0.05 on virtual machines.
   * @default 0
   */
  readonly spinMs?: number | undefined;
  /** @default Infinity */
  readonly timeoutMs?: number | undefined;
  /**
   * Descriptor of a socket to the peer: when the peer dies or closes it, the wait ends within 50 ms, after everything
   * that the peer left in the ring was taken. @default none: a dead peer is waited for until the timeout
   */
  readonly liveness?: number | undefined;
  /**
   * Over a `SharedArrayBuffer`: another thread ends the wait within 50 ms by storing something else than 0 in its first
   * place. @default none
   */
  readonly interrupt?: Int32Array | undefined;
}

/** Why a wait did not bring what was waited for. */
export type RingPause = "timeout" | "peer-gone" | "interrupted";

/** How a wait ended; "ready": there is a record, or room. */
export type RingOutcome = "ready" | RingPause;

/** How an exchange ended: the length of the answer, or what happened instead; "no-room": nothing was sent. */
export type ExchangeOutcome = number | RingPause | "no-room";

export function spinNs({ spinMs = 0 }: { readonly spinMs?: number | undefined }): number {
  return nanoseconds("spinMs", spinMs, Number.MAX_SAFE_INTEGER);
}

export function timeoutNs({ timeoutMs = Infinity }: RingWait): number {
  return nanoseconds("timeoutMs", timeoutMs, FOREVER_NS);
}

/** @throws RING_CORRUPT */
export function waitOutcome(status: number): RingOutcome {
  if (status >= 0) return "ready";
  return pauseOf(status);
}

/** @throws RING_CORRUPT */
export function exchangeOutcome(status: number): ExchangeOutcome {
  if (status >= 0) return status;
  return status === RING_PENDING ? "no-room" : pauseOf(status);
}

/** @throws RING_CORRUPT */
export function pauseOf(status: number): RingPause {
  switch (status) {
    case RING_TIMED_OUT:
      return "timeout";
    case RING_PEER_GONE:
      return "peer-gone";
    case RING_INTERRUPTED:
      return "interrupted";
    case RING_CORRUPT:
      throw ringCorrupt();
    default:
      throw new RangeError(`Cannot wait for ring: native code answered ${status}`);
  }
}
