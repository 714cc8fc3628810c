import { isAmphisError } from "@amphis/protocol";

import { handleGone, queueFull, sessionBusy } from "./call-errors.ts";
import { WorkerChoice } from "./choose-worker.ts";
import type { Crew } from "./crew.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Homes } from "./homes.ts";
import { Lines } from "./lines.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { Recalls } from "./recalls.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import type { WaitingLine } from "./waiting-line.ts";

export interface AssignmentInit {
  readonly settings: PoolSettings;
  readonly crews: readonly Crew[];
  readonly deadlines: Deadlines;
  readonly statistics: Statistics;
  readonly homes: Homes;
  readonly sessions: Sessions;
  /** Tells the caller. */
  readonly fail: (call: PoolCall, error: unknown) => void;
}

/**
 * Gives calls to workers.
 *
 * A call goes to the free worker that has least to do, at once; else behind the short calls of a busy one; else it waits in a line: that
 * of the only worker that can do it, of its device, or the common one. A worker that has room takes the call whose turn it is in the
 * lines that it serves. What was sent behind a call that is not short after all is asked back. So nobody waits while a worker that could
 * do it is free.
 */
export class Assignment {
  readonly lines: Lines = new Lines();
  readonly #init: AssignmentInit;
  readonly #choice: WorkerChoice;
  readonly #recalls: Recalls;
  #isTakingBack = false;

  constructor(init: AssignmentInit) {
    this.#init = init;
    this.#recalls = new Recalls(init);
    this.#choice = new WorkerChoice(init.crews, this.lines, init.settings.ahead);
  }

  /** Finds a worker for a call, or a line to wait in. */
  place(call: PoolCall, now: number): void {
    call.phase = "waiting";
    if (call.session !== undefined && !this.#placeInSession(call, call.session)) return;
    if (call.home !== undefined) {
      this.#placeAt(call, call.home, now);
      return;
    }
    const worker = this.#choice.freest(call, now) ?? this.#choice.ahead(call, now);
    if (worker === undefined) this.#wait(call, now);
    else this.#begin(call, worker, now);
  }

  /** A worker gave it back: it waits for its turn in its old place, until all that come with it are there. */
  takeBack(call: PoolCall): void {
    call.phase = "waiting";
    this.lines.add(call, this.#lineOf(call));
    if (this.#isTakingBack) return;
    this.#isTakingBack = true;
    queueMicrotask(() => {
      this.#isTakingBack = false;
      this.feedAll();
      for (const crew of this.#init.crews) crew.fill("load");
    });
  }

  /** The same for a call that waits in a line of its session. */
  replace(call: PoolCall): void {
    this.lines.leave(call);
    this.place(call, this.#init.settings.clock.now());
  }

  /** Gives a worker what waits for it, as far as it has room. */
  feed(worker: PoolWorker, now: number): void {
    const { ahead } = this.#init.settings;
    const lines = this.lines;
    while (lines.length > 0 && worker.isFree) {
      const line = this.#choice.isServed(worker.crew, now) ? lines.next(worker) : undefined;
      const call = line === undefined ? undefined : lines.take(line);
      if (call === undefined) break;
      this.#begin(call, worker, now);
    }
    if (ahead === 0) return;
    if (worker.isFree) this.#recalls.idle(now);
    while (lines.length > 0 && worker.hasRoomAhead(now, ahead)) {
      const line = this.#choice.isServed(worker.crew, now) ? lines.next(worker) : undefined;
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
      this.lines.add(call, worker.line);
    } else if (worker.state.kind === "ended") {
      this.#init.fail(call, handleGone(undefined, "its worker has ended"));
    } else if (call.work.nested === true || worker.isFree) {
      this.#begin(call, worker, now);
    } else if (call.session?.affinity === "fail") {
      this.#init.fail(call, sessionBusy(call.session.name));
    } else if (call.pace.isShort && worker.hasRoomAhead(now, settings.ahead)) {
      this.#begin(call, worker, now);
    } else {
      this.#waitIn(call, worker.line);
    }
  }

  #wait(call: PoolCall, now: number): void {
    const { crews } = this.#init;
    this.#waitIn(call, this.#lineOf(call));
    if (call.phase !== "waiting") return;
    for (const each of crews) if (each.serves(call)) each.fill("load");
    // Others may wait although somebody is free, while a breaker is half open.
    for (const each of crews) {
      if (!each.breaker.isClosed) for (const worker of each.workers) this.feed(worker, now);
    }
  }

  /** Where one waits that no worker alone has to do. */
  #lineOf({ device }: PoolCall): WaitingLine<PoolCall> {
    const { crews } = this.#init;
    const crew = device === undefined ? undefined : crews.find((each) => each.device === device);
    return crew?.line ?? this.lines.common;
  }

  #waitIn(call: PoolCall, line: WaitingLine<PoolCall>): void {
    const { settings, statistics } = this.#init;
    const { length } = this.lines;
    // One that a worker had before was taken long ago.
    if (length < settings.maxWaiting || call.sentAt > 0) {
      this.lines.add(call, line);
      return;
    }
    statistics.calls.turnedAway += 1;
    this.#init.fail(call, queueFull(settings.name, length));
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
    if (worker.running > worker.capacity) this.#recalls.sentBehind(now);
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
      this.#init.fail(call, error);
    }
  }

  /** An object deep within its arguments lives elsewhere. */
  #placeAtHome(call: PoolCall, tried: PoolWorker, error: unknown, now: number): void {
    try {
      call.home = this.#init.homes.of(call.work, true);
    } catch (gone) {
      this.#init.fail(call, gone);
      return;
    }
    if (call.home === undefined || call.home === tried) this.#init.fail(call, error);
    else this.place(call, now);
  }
}
