import type { BreakerState } from "../telemetry/index.ts";
import type { Crash, CrashPattern } from "./crash-history.ts";
import type { Crew } from "./crew.ts";
import type { LatencySummary } from "./latency.ts";
import type { Profile } from "./options.ts";
import type { PoolWorker, WorkerHealth } from "./pool-worker.ts";
import type { Session } from "./session.ts";
import type { CallCounts, WorkerCounts } from "./statistics.ts";

/** What a pool is and did, as of now. */
export interface PoolStatus {
  readonly name: string;
  readonly profile: Profile;
  readonly state: "open" | "draining" | "closed";
  readonly workers: readonly WorkerStatus[];
  readonly minWorkers: number;
  readonly maxWorkers: number;
  /** Calls that wait for a worker. */
  readonly waiting: number;
  /** Calls that are not over, waiting or not. */
  readonly open: number;
  readonly breakers: readonly BreakerStatus[];
  readonly sessions: readonly SessionStatus[];
  readonly calls: CallCounts;
  readonly workerCounts: WorkerCounts;
  /** From submitting a call until a worker got it. */
  readonly queue: LatencySummary;
  /** From submitting a call until its answer. */
  readonly latency: LatencySummary;
  /** The latest deaths that nobody wanted, oldest first. */
  readonly crashes: readonly Crash[];
  /** Calls in which workers died again and again. */
  readonly patterns: readonly CrashPattern[];
}

export interface WorkerStatus {
  readonly number: number;
  /** Of its process; undefined until that has started, so that nobody sends a signal to process 0. */
  readonly pid: number | undefined;
  readonly device: string | undefined;
  readonly state: "starting" | "ready" | "leaving" | "ending" | "ended";
  readonly health: WorkerHealth;
  /** Calls that it holds. */
  readonly running: number;
  /** Calls that it answered. */
  readonly calls: number;
  readonly sessions: number;
  readonly ageMs: number;
  /** What it does at the moment: the first of the calls that it holds. */
  readonly call: string | undefined;
  /** As of the latest heartbeat. */
  readonly rssBytes: number | undefined;
  readonly cpuMs: number | undefined;
  /** Version of Python. */
  readonly python: string | undefined;
  /** Who holds it to its policy: C code that Python cannot reach, or Python, which is weaker. Absent where it has none. */
  readonly guard?: "native" | "python" | undefined;
  /** How often its policy denied something, as far as it says. */
  readonly denials: number;
}

export interface BreakerStatus {
  readonly device: string | undefined;
  readonly state: BreakerState;
  readonly crashes: number;
  readonly retryAfterMs: number;
}

export interface SessionStatus {
  readonly name: string;
  readonly state: "open" | "closing" | "closed";
  readonly worker: number | undefined;
  readonly calls: number;
  readonly ageMs: number;
}

export function workerStatus(worker: PoolWorker, now: number): WorkerStatus {
  return {
    number: worker.number,
    pid: worker.launched?.pid,
    device: worker.crew.device,
    state: worker.state.kind,
    health: worker.health,
    running: worker.running,
    calls: worker.calls,
    sessions: worker.sessions.size,
    ageMs: now - worker.createdAt,
    call: worker.front?.work.name,
    rssBytes: worker.rssBytes,
    cpuMs: worker.cpuMs,
    python: worker.info?.python,
    guard: worker.info?.guard,
    denials: worker.denials.count,
  };
}

export function breakerStatus({ device, breaker }: Crew, now: number): BreakerStatus {
  const { state, crashes } = breaker;
  return { device, state, crashes, retryAfterMs: breaker.retryAfterMs(now) };
}

export function sessionStatus(session: Session, now: number): SessionStatus {
  const { name, state, workerNumber, calls, openedAt } = session;
  return { name, state: state.kind, worker: workerNumber, calls, ageMs: now - openedAt };
}
