import type { Crew } from "./crew.ts";
import type { Lines } from "./lines.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** Chooses the workers of calls. */
export class WorkerChoice {
  readonly #crews: readonly Crew[];
  readonly #lines: Lines;
  /** Short calls that a busy worker may have behind what it does. */
  readonly #most: number;

  constructor(crews: readonly Crew[], lines: Lines, ahead: number) {
    this.#crews = crews;
    this.#lines = lines;
    this.#most = ahead;
  }

  /** The free worker with least to do. */
  freest(call: PoolCall, now: number): PoolWorker | undefined {
    const hint = call.session?.worker;
    if (hint?.isFree === true && hint.crew.breaker.isClosed) return hint;
    let best: PoolWorker | undefined;
    for (const crew of this.#crews) {
      if (!crew.serves(call) || !this.#mayServe(crew, now)) continue;
      for (const worker of crew.workers) {
        if (worker.isFree && (best === undefined || hasLess(worker, best))) best = worker;
      }
    }
    return best;
  }

  /** The busy worker with least to do behind which a short call may be sent. */
  ahead(call: PoolCall, now: number): PoolWorker | undefined {
    const most = this.#most;
    if (most === 0 || !call.pace.isShort || this.#lines.length > 0) return undefined;
    let best: PoolWorker | undefined;
    for (const crew of this.#crews) {
      if (!crew.serves(call) || !this.#mayServe(crew, now)) continue;
      for (const worker of crew.workers) {
        if (!worker.hasRoomAhead(now, most)) continue;
        if (best === undefined || worker.running < best.running) best = worker;
      }
    }
    return best;
  }

  /** Whether the workers of a crew may be given calls. */
  isServed({ breaker }: Crew, now: number): boolean {
    return breaker.isClosed || breaker.admits(now);
  }

  /** The same for a call that comes now, and that goes in front of nobody. */
  #mayServe(crew: Crew, now: number): boolean {
    if (crew.breaker.isClosed) return true;
    return this.#lines.waitingFor(crew) === 0 && crew.breaker.admits(now);
  }
}

/** Whether it has less to do, or, if that is the same, belongs to fewer sessions. */
function hasLess(one: PoolWorker, other: PoolWorker): boolean {
  if (one.running !== other.running) return one.running < other.running;
  return one.sessions.size < other.sessions.size;
}
