import { Latency, type LatencySummary } from "./latency.ts";

/** What became of the calls of a pool since it opened. */
export interface CallCounts {
  readonly submitted: number;
  readonly resolved: number;
  /** Rejected for any reason; those below are among them. */
  readonly rejected: number;
  readonly timedOut: number;
  readonly cancelled: number;
  /** Had no worker in time, or found the line full or the breaker open. */
  readonly turnedAway: number;
  readonly crashed: number;
  /** Made again after the worker that did them died. */
  readonly retried: number;
  /** Taken from a worker that had not begun with them, as it died or was busy with something slow, and given to the next. */
  readonly moved: number;
}

/** What became of the workers of a pool since it opened. */
export interface WorkerCounts {
  readonly started: number;
  readonly startFailures: number;
  readonly crashed: number;
  /** Ended by this program as they did not heed a deadline or gave no sign of life. */
  readonly killed: number;
  readonly recycled: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Counts and times of a pool. */
export class Statistics {
  readonly calls: Writable<CallCounts> = {
    submitted: 0,
    resolved: 0,
    rejected: 0,
    timedOut: 0,
    cancelled: 0,
    turnedAway: 0,
    crashed: 0,
    retried: 0,
    moved: 0,
  };
  readonly workers: Writable<WorkerCounts> = {
    started: 0,
    startFailures: 0,
    crashed: 0,
    killed: 0,
    recycled: 0,
  };
  /** From submitting a call until a worker got it. */
  readonly queue: Latency = new Latency();
  /** From submitting a call until its answer. */
  readonly latency: Latency = new Latency();

  summary(): {
    readonly calls: CallCounts;
    readonly workers: WorkerCounts;
    readonly queue: LatencySummary;
    readonly latency: LatencySummary;
  } {
    return {
      calls: { ...this.calls },
      workers: { ...this.workers },
      queue: this.queue.summary(),
      latency: this.latency.summary(),
    };
  }
}
