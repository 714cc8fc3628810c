import { announceRetry } from "./announce.ts";
import { deathOf, handleGone, poolClosed, sessionClosed } from "./call-errors.ts";
import type { CrashHistory } from "./crash-history.ts";
import type { Deadlines } from "./deadlines.ts";
import type { WorkerDeath } from "./death.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Homes } from "./homes.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import type { WorkerRemains } from "./worker-end.ts";

export interface CrashBarrierInit {
  readonly settings: PoolSettings;
  readonly statistics: Statistics;
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly history: CrashHistory;
  readonly homes: Homes;
  readonly deadlines: Deadlines;
  readonly budget: RetryBudget;
  /** Whether calls are made no more. */
  readonly isStopping: () => boolean;
}

/**
 * Settles what a worker left that has ended.
 *
 * Calls that it had not begun with go to other workers, unharmed. Those that it may have begun with fail with how it died, or are made
 * again when they are idempotent, and the budget of retries and their attempts allow. What was bound to the worker alone is over.
 */
export class CrashBarrier {
  readonly #init: CrashBarrierInit;
  /** Those that said themselves how they end. */
  readonly #foretold = new WeakSet<PoolWorker>();

  constructor(init: CrashBarrierInit) {
    this.#init = init;
  }

  /**
   * Tells the caller of what a worker is doing that says how it is about to end.
   *
   * Nothing else may happen yet: while it lives, a thread of it may begin with what comes next, and what is made elsewhere must not have begun.
   */
  dying(worker: PoolWorker, death: WorkerDeath): void {
    const { settings, deadlines } = this.#init;
    const call = worker.front;
    this.#foretold.add(worker);
    this.#remember(worker, death, call);
    // Which of several calls it was nobody knows, and what is made again waits for the end.
    if (settings.profile !== "process" || call?.phase !== "sent" || call.isIdempotent) return;
    worker.drop(call);
    deadlines.clear(call);
    this.#begun(call, worker, death);
  }

  ended(worker: PoolWorker, { death, unanswered }: WorkerRemains): void {
    const { sessions, dispatcher, history } = this.#init;
    const mayHaveStarted = new Map<unknown, boolean>();
    for (const left of unanswered) mayHaveStarted.set(left.sink, left.mayHaveStarted);
    const calls = worker.dropAll();
    const begun = calls.find((call) => mayHaveStarted.get(call) !== false);
    if (this.#foretold.has(worker)) history.correct(worker.number, death);
    else if (worker.readyAt > 0) this.#remember(worker, death, begun);
    sessions.workerEnded(worker, death);
    for (const call of calls) {
      if (call.phase === "givenUp") dispatcher.forget(call);
      else if (mayHaveStarted.get(call) === false) this.#move(call, worker, death);
      else this.#begun(call, worker, death);
    }
    for (const call of dispatcher.takeWaitingFor(worker)) this.#move(call, worker, death);
  }

  #remember(worker: PoolWorker, death: WorkerDeath, call: PoolCall | undefined): void {
    const { settings, statistics, history } = this.#init;
    const { crew } = worker;
    if (death.killedFor !== undefined) {
      const isForced = death.killedFor !== "idle" && death.killedFor !== "recycled";
      if (isForced && death.killedFor !== "stopped") statistics.workers.killed += 1;
      crew.breaker.untried();
      return;
    }
    statistics.workers.crashed += 1;
    history.add({
      time: Date.now(),
      worker: worker.number,
      pid: worker.pid,
      kind: death.kind,
      text: death.text,
      call: call?.work.name,
      device: crew.device,
      pythonStack: death.pythonStack,
    });
    crew.breaker.died(settings.clock.now());
  }

  /** Nothing of it was done. */
  #move(call: PoolCall, worker: PoolWorker, death: WorkerDeath): void {
    const { settings, statistics, dispatcher, isStopping } = this.#init;
    call.phase = "waiting";
    if (call.home === worker) {
      dispatcher.fail(call, this.#homeless(call, worker, death));
    } else if (isStopping()) {
      dispatcher.fail(call, poolClosed(settings.name));
    } else {
      call.attempts = Math.max(0, call.attempts - 1);
      statistics.calls.moved += 1;
      announceRetry(call, settings.name, "moved", 0);
      dispatcher.assignment.place(call, settings.clock.now());
    }
  }

  #begun(call: PoolCall, worker: PoolWorker, death: WorkerDeath): void {
    const { settings, statistics, dispatcher } = this.#init;
    statistics.calls.crashed += 1;
    const isStarted = settings.profile === "process" ? "yes" : "unknown";
    const error = this.#error(call, worker, death, isStarted);
    if (!this.#mayRetry(call, worker)) {
      // Its place is gone with the worker.
      call.phase = "waiting";
      dispatcher.fail(call, error);
      return;
    }
    call.lastError = error;
    statistics.calls.retried += 1;
    const restMs = settings.retryBackoff(call.attempts);
    announceRetry(call, settings.name, "retried", restMs);
    dispatcher.rest(call, restMs);
  }

  #mayRetry(call: PoolCall, worker: PoolWorker): boolean {
    const { settings, budget, isStopping } = this.#init;
    return (
      call.isIdempotent &&
      call.home !== worker &&
      call.items === 0 &&
      call.attempts < settings.attempts &&
      !isStopping() &&
      budget.withdraw()
    );
  }

  /** The only worker that could do it is gone. */
  #homeless(call: PoolCall, worker: PoolWorker, death: WorkerDeath): Error {
    const { session } = call;
    const reason = `its worker ${death.text}`;
    const remote = this.#init.homes.objectIn(call.work, true);
    if (remote !== undefined) return handleGone(remote, reason);
    if (session !== undefined && session.affinity !== "hint") {
      return sessionClosed(session.name, reason);
    }
    return this.#error(call, worker, death, "no");
  }

  #error(
    call: PoolCall,
    worker: PoolWorker,
    death: WorkerDeath,
    isStarted: "yes" | "no" | "unknown",
  ): Error {
    const { settings, history } = this.#init;
    return deathOf(call, worker, death, { pool: settings.name, history, isStarted });
  }
}
