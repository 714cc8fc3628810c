import type { CallFigures, Work, WorkSink } from "../worker/index.ts";
import { AbortWatch } from "./abort-watch.ts";
import { Admission } from "./admission.ts";
import {
  announceAnswer,
  announceCall,
  announceFailure,
  announceItem,
  announceRetry,
  asHeard,
} from "./announce.ts";
import { Assignment } from "./assignment.ts";
import { callCancelled, queueTimeout } from "./call-errors.ts";
import type { Crew } from "./crew.ts";
import type { Deadlines } from "./deadlines.ts";
import type { GivenUp } from "./given-up.ts";
import type { Homes } from "./homes.ts";
import type { Lines } from "./lines.ts";
import type { CallOptions } from "./options.ts";
import { Paces } from "./pace.ts";
import { type CallHost, PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";

/** What calls are dispatched with. */
export interface DispatcherInit {
  readonly settings: PoolSettings;
  readonly crews: readonly Crew[];
  readonly deadlines: Deadlines;
  readonly statistics: Statistics;
  readonly homes: Homes;
  readonly sessions: Sessions;
  readonly budget: RetryBudget;
  readonly givenUp: GivenUp;
  /** A worker has done as many calls as it should. */
  readonly onWorn: (worker: PoolWorker) => void;
  /** The last call that the pool had is over. */
  readonly onIdle: () => void;
}

/** Sees every call through, from its submission to its end; what worker it gets is the matter of the assignment. */
export class Dispatcher implements CallHost {
  readonly assignment: Assignment;
  readonly #init: DispatcherInit;
  readonly #lines: Lines;
  readonly #admission: Admission;
  readonly #paces: Paces;
  readonly #signals = new AbortWatch();
  readonly #resting = new Set<PoolCall>();
  readonly #wornAfter: number;
  #orders = 0;
  #open = 0;
  #isClosed = false;

  constructor(init: DispatcherInit) {
    this.#init = init;
    const fail = (call: PoolCall, error: unknown): void => this.fail(call, error);
    this.assignment = new Assignment({ ...init, fail });
    this.#lines = this.assignment.lines;
    this.#paces = new Paces(init.settings.shortMs);
    this.#admission = new Admission(init);
    this.#wornAfter = init.settings.recycle.calls ?? Infinity;
  }

  /** Calls that wait for a worker. */
  get waiting(): number {
    return this.#lines.length;
  }

  /** Calls that are not over. */
  get open(): number {
    return this.#open;
  }

  /** Calls that any worker of the crew may do and that wait. */
  waitingFor(crew: Crew): number {
    return this.#lines.waitingFor(crew);
  }

  /** Takes no more calls. */
  close(): void {
    this.#isClosed = true;
  }

  /** Settles the sink in any case, and never throws. */
  submit(given: Work, options: CallOptions, sink: WorkSink): PoolCall {
    const { settings, statistics, deadlines, budget } = this.#init;
    const now = settings.clock.now();
    const call = new PoolCall({
      order: (this.#orders += 1),
      now,
      work: asHeard(given),
      options,
      sink,
      pace: this.#paces.of(given.name),
      host: this,
    });
    statistics.calls.submitted += 1;
    this.#open += 1;
    announceCall(call, settings.name, this.#lines.length);
    try {
      this.#admission.admit(call, now, this.#isClosed);
    } catch (error) {
      this.fail(call, error);
      return call;
    }
    if (call.deadline !== Infinity) deadlines.set(call, call.deadline);
    if (options.signal !== undefined) this.#signals.join(options.signal, call);
    if (call.isIdempotent) budget.deposit();
    this.assignment.place(call, now);
    return call;
  }

  answered(call: PoolCall, error: unknown, figures: CallFigures | undefined): void {
    const { worker } = call;
    const { settings, statistics, deadlines } = this.#init;
    if (call.phase === "over" || worker === undefined) return;
    const now = settings.clock.now();
    const wasWanted = !call.isDecided;
    worker.answered(call, now);
    if (call.place >= 0) deadlines.clear(call);
    if (!worker.crew.breaker.isClosed) worker.crew.breaker.alive();
    if (wasWanted) {
      statistics.latency.add(now - call.submittedAt);
      if (error === undefined) {
        statistics.calls.resolved += 1;
        announceAnswer(call, settings.name, now, figures);
      } else {
        statistics.calls.rejected += 1;
        announceFailure(call, settings.name, now, error, figures);
      }
    }
    this.#left(call);
    if (worker.calls >= this.#wornAfter) this.#init.onWorn(worker);
    if (worker.state.kind === "leaving" && worker.running === 0) worker.crew.dismiss(worker);
    else this.assignment.feed(worker, now);
  }

  due(call: PoolCall): void {
    const { settings, statistics, givenUp } = this.#init;
    const now = settings.clock.now();
    if (call.phase === "resting" && now < call.deadline) {
      this.#resting.delete(call);
      if (call.deadline !== Infinity) this.#init.deadlines.set(call, call.deadline);
      this.assignment.place(call, now);
      return;
    }
    if (call.phase === "givenUp") {
      givenUp.overstayed(call);
      return;
    }
    statistics.calls.timedOut += 1;
    if (call.phase === "sent" && givenUp.hasBegun(call)) {
      givenUp.expired(call);
      return;
    }
    const error =
      call.phase === "resting" ? call.lastError : queueTimeout(settings.name, call, now);
    if (call.phase === "sent") givenUp.drop(call, "deadline");
    this.fail(call, error);
  }

  aborted(call: PoolCall, reason: unknown): void {
    const { statistics, givenUp } = this.#init;
    if (call.isDecided || call.phase === "over") return;
    statistics.calls.cancelled += 1;
    if (call.phase === "sent") givenUp.drop(call, "cancelled");
    this.fail(call, callCancelled(call, reason));
  }

  gotValue(session: Session, value: unknown): void {
    const remote = this.#init.homes.remoteOf(value);
    if (remote !== undefined) session.objects.add(remote);
  }

  returned(call: PoolCall): void {
    const { worker } = call;
    const { settings, statistics } = this.#init;
    if (call.phase === "over" || worker === undefined) return;
    const { crew } = worker;
    worker.drop(call);
    if (!crew.breaker.isClosed) crew.breaker.untried();
    if (call.phase === "givenUp") {
      this.forget(call);
    } else {
      call.attempts = Math.max(0, call.attempts - 1);
      statistics.calls.moved += 1;
      announceRetry(call, settings.name, "moved", 0);
      this.assignment.takeBack(call);
    }
    if (worker.state.kind === "leaving" && worker.running === 0) crew.dismiss(worker);
  }

  gotItem(call: PoolCall): void {
    announceItem(call, this.#init.settings.name);
  }

  settled(call: PoolCall, signal: AbortSignal): void {
    this.#signals.leave(signal, call);
  }

  /** Gives the caller an error that is not of the worker's answer. */
  fail(call: PoolCall, error: unknown): void {
    const { settings, statistics, deadlines } = this.#init;
    if (call.isSettled) return;
    statistics.calls.rejected += 1;
    announceFailure(call, settings.name, settings.clock.now(), error);
    if (call.phase !== "givenUp") {
      this.#lines.leave(call);
      this.#resting.delete(call);
      deadlines.clear(call);
      this.#over(call);
    }
    call.fail(error);
  }

  /** Its worker is gone, and it is to be made again after a rest. */
  rest(call: PoolCall, restMs: number): void {
    const { settings, deadlines } = this.#init;
    call.phase = "resting";
    this.#resting.add(call);
    deadlines.set(call, Math.min(settings.clock.now() + restMs, call.deadline));
  }

  /** Its worker is gone, and its caller has its error already, or is about to get it. */
  forget(call: PoolCall): void {
    this.#init.deadlines.clear(call);
    this.#left(call);
  }

  /** Everything that waits for any worker of a crew, out of the lines. */
  takeWaiting(crews: readonly Crew[], isCommonToo: boolean): PoolCall[] {
    const all = crews.flatMap((crew) => this.#lines.takeAll(crew.line));
    if (isCommonToo) all.push(...this.#lines.takeAll(this.#lines.common));
    return all;
  }

  /** Everything that waits for one worker alone, out of its line. */
  takeWaitingFor(worker: PoolWorker): PoolCall[] {
    return this.#lines.takeAll(worker.line);
  }

  /** Rejects whatever no worker has. */
  rejectWaiting(error: unknown): void {
    const { crews, sessions } = this.#init;
    const all = this.takeWaiting(crews, true);
    for (const { workers } of crews) {
      for (const { line } of workers) all.push(...this.#lines.takeAll(line));
    }
    for (const { line } of sessions.all) all.push(...this.#lines.takeAll(line));
    for (const call of [...all, ...this.#resting]) this.fail(call, error);
  }

  /** No worker has it any more. It is over when its caller was told. */
  #left(call: PoolCall): void {
    if (call.phase === "givenUp" && !call.isSettled) call.phase = "left";
    else this.#over(call);
  }

  #over(call: PoolCall): void {
    if (call.phase === "over") return;
    call.phase = "over";
    this.#open -= 1;
    if (call.work.stream === true) call.closed();
    if (call.session !== undefined) this.#init.sessions.left(call, call.session);
    if (this.#open === 0) this.#init.onIdle();
  }
}
