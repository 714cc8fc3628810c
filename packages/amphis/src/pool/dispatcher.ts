import { isAmphisError } from "@amphis/protocol";

import { type CallFigures, type Work, type WorkSink } from "../worker/index.ts";
import { AbortWatch } from "./abort-watch.ts";
import { Admission } from "./admission.ts";
import {
  announceAnswer,
  announceCall,
  announceFailure,
  announceItem,
  isTimed,
} from "./announce.ts";
import { callCancelled, handleGone, queueFull, queueTimeout, sessionBusy } from "./call-errors.ts";
import type { Crew } from "./crew.ts";
import type { Deadlines } from "./deadlines.ts";
import type { GivenUp } from "./given-up.ts";
import type { Homes } from "./homes.ts";
import { Lines } from "./lines.ts";
import type { CallOptions } from "./options.ts";
import { Paces } from "./pace.ts";
import { type CallHost, PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** What calls are brought together with. */
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

/**
 * Brings calls and workers together.
 *
 * A call goes to the free worker that has least to do, at once; else behind the short calls of a busy one; else it waits in a line: that
 * of the only worker that can do it, of its device, or the common one. A worker that has room takes the call whose turn it is in the
 * lines that it serves. So nobody waits while a worker that could do it is free.
 */
export class Dispatcher implements CallHost {
  readonly #init: DispatcherInit;
  readonly #lines = new Lines();
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
      work: isTimed() && given.timed !== true ? { ...given, timed: true } : given,
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
    this.place(call, now);
    return call;
  }

  /** Finds a worker for a call, or a line to wait in. */
  place(call: PoolCall, now: number): void {
    call.phase = "waiting";
    if (call.session !== undefined && !this.#placeInSession(call, call.session)) return;
    if (call.home !== undefined) {
      this.#placeAt(call, call.home, now);
      return;
    }
    const worker = this.#freest(call, now) ?? this.#ahead(call, now);
    if (worker === undefined) this.#wait(call, now);
    else this.#begin(call, worker, now);
  }

  /** The same for a call that waits in a line of its session. */
  replace(call: PoolCall): void {
    this.#lines.leave(call);
    this.place(call, this.#init.settings.clock.now());
  }

  /** Gives a worker what waits for it, as far as it has room. */
  feed(worker: PoolWorker, now: number): void {
    const { ahead } = this.#init.settings;
    const lines = this.#lines;
    while (lines.length > 0 && worker.isFree) {
      const line = this.#isServed(worker.crew, now) ? lines.next(worker) : undefined;
      const call = line === undefined ? undefined : lines.take(line);
      if (call === undefined) return;
      this.#begin(call, worker, now);
    }
    if (ahead === 0) return;
    while (lines.length > 0 && worker.hasRoomAhead(now, ahead)) {
      const line = this.#isServed(worker.crew, now) ? lines.next(worker) : undefined;
      if (line?.peek()?.pace.isShort !== true) return;
      const call = lines.take(line);
      if (call !== undefined) this.#begin(call, worker, now);
    }
  }

  /** Everybody who has room takes what waits. */
  feedAll(): void {
    const now = this.#init.settings.clock.now();
    for (const crew of this.#init.crews) {
      for (const worker of crew.workers) this.feed(worker, now);
    }
  }

  answered(call: PoolCall, error: unknown, figures: CallFigures | undefined): void {
    const { worker } = call;
    const { settings, statistics, deadlines } = this.#init;
    if (call.phase === "over" || worker === undefined) return;
    const now = settings.clock.now();
    const wasWanted = !call.isSettled && call.phase === "sent";
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
    this.#over(call);
    if (worker.calls >= this.#wornAfter) this.#init.onWorn(worker);
    if (worker.state.kind === "leaving" && worker.running === 0) worker.crew.dismiss(worker);
    else this.feed(worker, now);
  }

  due(call: PoolCall): void {
    const { settings, statistics, givenUp } = this.#init;
    const now = settings.clock.now();
    if (call.phase === "resting" && now < call.deadline) {
      this.#resting.delete(call);
      if (call.deadline !== Infinity) this.#init.deadlines.set(call, call.deadline);
      this.place(call, now);
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
    if (call.isSettled || call.phase === "givenUp" || call.phase === "over") return;
    statistics.calls.cancelled += 1;
    if (call.phase === "sent") givenUp.drop(call, "cancelled");
    this.fail(call, callCancelled(call, reason));
  }

  gotValue(session: Session, value: unknown): void {
    const remote = this.#init.homes.remoteOf(value);
    if (remote !== undefined) session.objects.add(remote);
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

  /** Its worker is gone, and its caller has its error already. */
  forget(call: PoolCall): void {
    this.#init.deadlines.clear(call);
    this.#over(call);
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

  /** @returns whether it may go on; else it waits until the session has its worker */
  #placeInSession(call: PoolCall, session: Session): boolean {
    if (session.worker !== undefined) {
      if (session.affinity !== "hint") call.home = session.worker;
      return true;
    }
    if (call.home !== undefined || session.first === call) return true;
    if (session.first !== undefined) {
      this.#waitIn(call, session.line);
      return false;
    }
    session.first = call;
    return true;
  }

  #placeAt(call: PoolCall, worker: PoolWorker, now: number): void {
    const { settings } = this.#init;
    if (worker.state.kind === "ending") {
      // Whoever settles what it leaves knows how it died.
      this.#lines.add(call, worker.line);
    } else if (worker.state.kind === "ended") {
      this.fail(call, handleGone(undefined, "its worker has ended"));
    } else if (call.work.nested === true || worker.isFree) {
      this.#begin(call, worker, now);
    } else if (call.session?.affinity === "fail") {
      this.fail(call, sessionBusy(call.session.name));
    } else if (call.pace.isShort && worker.hasRoomAhead(now, settings.ahead)) {
      this.#begin(call, worker, now);
    } else {
      this.#waitIn(call, worker.line);
    }
  }

  #wait(call: PoolCall, now: number): void {
    const { crews } = this.#init;
    const { device } = call;
    const crew = device === undefined ? undefined : crews.find((each) => each.device === device);
    this.#waitIn(call, crew?.line ?? this.#lines.common);
    if (call.phase !== "waiting") return;
    for (const each of crews) if (each.serves(call)) each.fill("load");
    // Others may wait although somebody is free, while a breaker is half open.
    for (const each of crews) {
      if (!each.breaker.isClosed) for (const worker of each.workers) this.feed(worker, now);
    }
  }

  #waitIn(call: PoolCall, line: WaitingLine<PoolCall>): void {
    const { settings, statistics } = this.#init;
    const { length } = this.#lines;
    if (length < settings.maxWaiting || call.attempts > 0) {
      this.#lines.add(call, line);
      return;
    }
    statistics.calls.turnedAway += 1;
    this.fail(call, queueFull(settings.name, length));
  }

  #begin(call: PoolCall, worker: PoolWorker, now: number): void {
    const { conversation } = worker;
    if (conversation === undefined) return;
    const { breaker } = worker.crew;
    if (!breaker.isClosed) breaker.trying();
    worker.take(call, now);
    call.phase = "sent";
    call.attempts += 1;
    this.#init.statistics.queue.add(now - call.submittedAt);
    try {
      call.callId = conversation.start(call.work, call);
    } catch (error) {
      if (!breaker.isClosed) breaker.untried();
      worker.drop(call);
      this.#unsendable(call, worker, error, now);
      return;
    }
    if (call.work.stream === true) call.began();
    if (call.session !== undefined) this.#init.sessions.began(call, call.session, worker);
  }

  /** Nothing of it was sent. */
  #unsendable(call: PoolCall, worker: PoolWorker, error: unknown, now: number): void {
    call.phase = "waiting";
    call.attempts -= 1;
    if (isAmphisError(error, "CONNECTION_CLOSED")) {
      // Its end is noticed in a moment; until then it gets nothing.
      worker.state = { kind: "ending" };
      this.place(call, now);
    } else if (isAmphisError(error, "HANDLE_ELSEWHERE") && call.home === undefined) {
      this.#placeAtHome(call, worker, error, now);
    } else {
      this.fail(call, error);
    }
  }

  /** An object deep within its arguments lives elsewhere. */
  #placeAtHome(call: PoolCall, tried: PoolWorker, error: unknown, now: number): void {
    try {
      call.home = this.#init.homes.of(call.work, true);
    } catch (gone) {
      this.fail(call, gone);
      return;
    }
    if (call.home === undefined || call.home === tried) this.fail(call, error);
    else this.place(call, now);
  }

  #over(call: PoolCall): void {
    if (call.phase === "over") return;
    call.phase = "over";
    this.#open -= 1;
    if (call.session !== undefined) this.#init.sessions.left(call, call.session);
    if (this.#open === 0) this.#init.onIdle();
  }

  /** The free worker with least to do. */
  #freest(call: PoolCall, now: number): PoolWorker | undefined {
    const hint = call.session?.worker;
    if (hint?.isFree === true && hint.crew.breaker.isClosed) return hint;
    let best: PoolWorker | undefined;
    for (const crew of this.#init.crews) {
      if (!crew.serves(call) || !this.#mayServe(crew, now)) continue;
      for (const worker of crew.workers) {
        if (worker.isFree && (best === undefined || hasLess(worker, best))) best = worker;
      }
    }
    return best;
  }

  /** The busy worker with least to do behind which a short call may be sent. */
  #ahead(call: PoolCall, now: number): PoolWorker | undefined {
    const { ahead } = this.#init.settings;
    if (ahead === 0 || !call.pace.isShort || this.#lines.length > 0) return undefined;
    let best: PoolWorker | undefined;
    for (const crew of this.#init.crews) {
      if (!crew.serves(call) || !this.#mayServe(crew, now)) continue;
      for (const worker of crew.workers) {
        if (!worker.hasRoomAhead(now, ahead)) continue;
        if (best === undefined || worker.running < best.running) best = worker;
      }
    }
    return best;
  }

  /** Whether the workers of a crew may be given calls. */
  #isServed({ breaker }: Crew, now: number): boolean {
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
