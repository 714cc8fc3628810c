import type { Crew } from "./crew.ts";
import type { Deadlines, Timed } from "./deadlines.ts";
import type { Homes } from "./homes.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";

/** While nobody has time for what waits behind a slow call, looks come further apart, up to this. */
const MOST_REST_MS = 250;

/** With calls that take no time at all it is still looked no more often than this. */
const LEAST_REST_MS = 1;

export interface RecallsInit {
  readonly settings: PoolSettings;
  readonly crews: readonly Crew[];
  readonly deadlines: Deadlines;
  readonly homes: Homes;
}

/**
 * Takes calls back that were sent behind one that turned out to be slow, when another worker has time for them.
 *
 * It only asks: the worker gives back what it has not begun with, and does the rest (spec/worker.md). So nothing is done twice, and a
 * worker that cannot answer keeps what it has. One timer looks at all workers, and only while calls wait behind others in any of them.
 */
export class Recalls implements Timed {
  dueAt = 0;
  place = -1;
  readonly #init: RecallsInit;
  readonly #firstRestMs: number;
  #restMs = LEAST_REST_MS;

  constructor(init: RecallsInit) {
    this.#init = init;
    this.#firstRestMs = Math.min(Math.max(LEAST_REST_MS, init.settings.shortMs), MOST_REST_MS);
  }

  /** A call was sent behind others. */
  sentBehind(now: number): void {
    if (this.place < 0) this.#lookSoon(now);
  }

  /** A worker has time, and nothing waits in its lines. */
  idle(now: number): void {
    if (this.place < 0) return;
    this.#look(now);
    if (this.dueAt - now > this.#firstRestMs) this.#lookSoon(now);
  }

  due(): void {
    const { settings, deadlines } = this.#init;
    const now = settings.clock.now();
    if (!this.#look(now)) return;
    this.#restMs = Math.min(2 * this.#restMs, MOST_REST_MS);
    deadlines.set(this, now + this.#restMs);
  }

  #lookSoon(now: number): void {
    this.#restMs = this.#firstRestMs;
    this.#init.deadlines.set(this, now + this.#restMs);
  }

  /**
   * Asks where the same call was in the way at an earlier look: after this program itself stood still, answers may be there unread.
   *
   * @returns whether calls wait behind others at all
   */
  #look(now: number): boolean {
    let isAny = false;
    for (const { workers } of this.#init.crews) {
      for (const worker of workers) {
        const { front } = worker;
        const hasSome = worker.isReady && worker.running > worker.capacity && front !== undefined;
        isAny ||= hasSome;
        if (!hasSome || !worker.isSlow(now)) {
          worker.suspect = undefined;
        } else if (worker.suspect !== front) {
          worker.suspect = front;
          worker.suspectedAt = now;
        } else if (now - worker.suspectedAt >= LEAST_REST_MS) {
          this.#recall(worker);
        }
      }
    }
    return isAny;
  }

  #recall(worker: PoolWorker): void {
    const calls = worker.behind().filter((call) => this.#mayMove(call, worker));
    if (calls.length === 0) return;
    for (const call of calls) call.isRecalled = true;
    worker.conversation?.recall(calls.map(({ callId }) => callId));
  }

  /** Whether it can be done elsewhere, and sooner. */
  #mayMove(call: PoolCall, worker: PoolWorker): boolean {
    if (call.phase !== "sent" || call.isRecalled || call.home !== undefined) return false;
    const isServed = this.#init.crews.some((crew) => crew.serves(call) && hasTime(crew, worker));
    // A live object deep within its arguments may be let go, when it comes back too late for the order of frames.
    return isServed && this.#init.homes.objectIn(call.work, true) === undefined;
  }
}

/** Whether a crew has another worker with time, or may start one. */
function hasTime(crew: Crew, slow: PoolWorker): boolean {
  if (!crew.breaker.isClosed) return false;
  if (crew.strength < crew.max && !crew.isHopeless) return true;
  return crew.workers.some((worker) => worker !== slow && worker.isFree);
}
