import { poolOpen } from "../telemetry/index.ts";
import type { Work, WorkSink } from "../worker/index.ts";
import { announceBreaker, announceStall } from "./announce.ts";
import type { Breaker } from "./breaker.ts";
import { breakerOpen, poolClosed } from "./call-errors.ts";
import { CrashBarrier } from "./crash-barrier.ts";
import { CrashHistory } from "./crash-history.ts";
import { Crew, type CrewHost } from "./crew.ts";
import { Deadlines } from "./deadlines.ts";
import type { WorkerDeath } from "./death.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Ending } from "./ending.ts";
import { GivenUp } from "./given-up.ts";
import { Homes } from "./homes.ts";
import type { CallOptions, PoolOptions } from "./options.ts";
import type { PoolCall } from "./pool-call.ts";
import { PoolStream, type StreamHost } from "./pool-stream.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { Session, SessionOptions } from "./session.ts";
import { Sessions } from "./sessions.ts";
import { type PoolSettings, poolSettings } from "./settings.ts";
import { Statistics } from "./statistics.ts";
import { breakerStatus, type PoolStatus, sessionStatus, workerStatus } from "./status.ts";
import { SyncCalls } from "./sync-call.ts";
import { Upkeep } from "./upkeep.ts";
import type { WorkerRemains } from "./worker-end.ts";

/**
 * Python workers that are disposable, and the calls that they do.
 *
 * Calling. Each call settles exactly once: with its answer, or with an error that says why there is none. It waits while no worker has
 * time, no longer than its deadline, and in a line that is bounded. Higher priorities go first, and nobody waits for ever.
 *
 * Crashing. The death of a worker fails the calls that it had begun with, and no other; it is replaced at once. Calls marked as
 * idempotent are made again, within a budget. Workers that die again and again open a breaker.
 *
 * Ending. `drain` does what was submitted, and ends. `stop` does what has begun, for a while, and ends. `kill` ends at once. All resolve
 * when no process, descriptor or timer is left; a stricter one overtakes a milder. Disposing stops.
 */
export class WorkerPool implements AsyncDisposable, CrewHost, StreamHost {
  readonly settings: PoolSettings;
  readonly statistics: Statistics = new Statistics();
  readonly #deadlines: Deadlines;
  readonly #homes: Homes;
  readonly #history = new CrashHistory();
  readonly #crews: readonly Crew[];
  readonly #dispatcher: Dispatcher;
  readonly #sessions: Sessions;
  readonly #barrier: CrashBarrier;
  readonly #upkeep: Upkeep;
  readonly #ending: Ending;
  readonly #syncCalls: SyncCalls;
  #workerNumbers = 0;
  /** Who waits until a worker is ready, or none can be. */
  #starting: { resolve(): void; reject(error: unknown): void }[] = [];

  private constructor(settings: PoolSettings) {
    this.settings = settings;
    this.#deadlines = new Deadlines(settings.clock);
    this.#homes = new Homes(settings.unwrap);
    this.#crews = this.#makeCrews();
    const { statistics } = this;
    const deadlines = this.#deadlines;
    const fail = (call: PoolCall, error: unknown): void => this.#dispatcher.fail(call, error);
    this.#sessions = new Sessions({
      settings,
      deadlines,
      fail,
      place: (call) => this.#dispatcher.assignment.replace(call),
      submit: (work, options, sink) => this.submit(work, options, sink),
    });
    const budget = new RetryBudget(settings.retryShare);
    this.#upkeep = new Upkeep(settings, this.#crews, statistics);
    this.#dispatcher = new Dispatcher({
      settings,
      crews: this.#crews,
      deadlines,
      statistics,
      homes: this.#homes,
      sessions: this.#sessions,
      budget,
      givenUp: new GivenUp({ settings, deadlines, fail }),
      onWorn: (worker) => this.#upkeep.worn(worker),
      onIdle: () => this.#ending.tellIdle(),
    });
    this.#barrier = new CrashBarrier({
      settings,
      statistics,
      dispatcher: this.#dispatcher,
      sessions: this.#sessions,
      history: this.#history,
      homes: this.#homes,
      deadlines,
      budget,
      isStopping: () => this.#ending.isStopping,
    });
    this.#ending = new Ending({
      settings,
      statistics,
      crews: this.#crews,
      dispatcher: this.#dispatcher,
      sessions: this.#sessions,
      deadlines,
      upkeep: this.#upkeep,
    });
    this.#syncCalls = new SyncCalls({
      settings,
      crews: this.#crews,
      homes: this.#homes,
      statistics,
      deadlines,
      assignment: this.#dispatcher.assignment,
    });
  }

  /**
   * Opens a pool, and waits for its first worker if it is to have any from the start.
   *
   * @throws {TypeError | RangeError} for options that make no sense
   * @throws {AmphisError} PYTHON_NOT_FOUND; WORKER_START_FAILED and PYTHON_IMPORT_FAILED when no worker can be started
   */
  static async open(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(poolSettings(options));
    const { name, profile, minWorkers, workers } = pool.settings;
    if (poolOpen.hasSubscribers) {
      poolOpen.publish({ pool: name, profile, minWorkers, maxWorkers: workers });
    }
    try {
      await pool.#begin();
    } catch (error) {
      await pool.#ending.fail();
      throw error;
    }
    return pool;
  }

  get name(): string {
    return this.settings.name;
  }

  /** Makes a call. Never throws: its sink is told whatever there is to tell. */
  submit(work: Work, options: CallOptions, sink: WorkSink): void {
    this.#dispatcher.submit(work, options, sink);
  }

  /**
   * Makes a call and blocks this thread until it is answered.
   *
   * @throws what the call fails with; {AmphisError} SYNC_IMPOSSIBLE while no worker is ready
   */
  submitSync(work: Work, options: CallOptions): unknown {
    if (this.#ending.state !== "open") throw poolClosed(this.name);
    return this.#syncCalls.make(work, options);
  }

  /** The items of what the work makes, one after the other. The work begins when the first is asked for. */
  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown> {
    const streamed = work.stream === true ? work : { ...work, stream: true };
    return new PoolStream(this, (sink) => this.#dispatcher.submit(streamed, options, sink));
  }

  /** @throws {AmphisError} POOL_CLOSED; SESSION_BUSY when there are as many as there may be */
  openSession(options: SessionOptions = {}): Session {
    if (this.#ending.state !== "open") throw poolClosed(this.name);
    return this.#sessions.open(options);
  }

  /** Sessions that are not closed. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions.all;
  }

  status(): PoolStatus {
    const { settings } = this;
    const now = settings.clock.now();
    const { calls, workers, queue, latency } = this.statistics.summary();
    return {
      name: settings.name,
      profile: settings.profile,
      state: this.#ending.state,
      workers: this.#crews.flatMap((crew) => crew.workers.map((each) => workerStatus(each, now))),
      minWorkers: settings.minWorkers,
      maxWorkers: settings.workers,
      waiting: this.#dispatcher.waiting,
      open: this.#dispatcher.open,
      breakers: this.#crews.map((crew) => breakerStatus(crew, now)),
      sessions: [...this.#sessions.all].map((session) => sessionStatus(session, now)),
      calls,
      workerCounts: workers,
      queue,
      latency,
      crashes: this.#history.crashes,
      patterns: this.#history.patterns(),
    };
  }

  /**
   * Has workers replaced that are ready: each does what it has, and ends; live objects of it are gone then.
   *
   * @param pid only the worker of this process
   */
  renew(pid?: number): void {
    for (const worker of this.#workers()) {
      if (pid === undefined || worker.pid === pid) this.#upkeep.dismiss(worker);
    }
  }

  /** As `renew`, of all workers. Resolves when none of them is left. */
  async renewed(): Promise<void> {
    const old = this.#workers();
    this.renew();
    await Promise.all(old.map(({ ended }) => ended));
  }

  /** Takes no more calls, does those that it has, however long that takes, and ends. */
  drain(): Promise<void> {
    return this.#ending.drain();
  }

  /**
   * Takes no more calls, rejects those that wait, gives the others and the cleaning up of sessions so long, and ends.
   *
   * @param graceMs @default that of the pool
   */
  stop(graceMs: number = this.settings.graceMs): Promise<void> {
    return this.#ending.stop(graceMs);
  }

  /** Ends all workers at once, with what they do. */
  kill(): Promise<void> {
    return this.#ending.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  nextWorkerNumber(): number {
    return (this.#workerNumbers += 1);
  }

  waiting(crew: Crew): number {
    return this.#dispatcher.waitingFor(crew);
  }

  isAwaited(crew: Crew): boolean {
    return this.#starting.length > 0 || this.waiting(crew) > 0;
  }

  ready(worker: PoolWorker): void {
    if (worker.conversation !== undefined) this.#homes.add(worker.conversation, worker);
    for (const { resolve } of this.#starting.splice(0)) resolve();
    this.#dispatcher.assignment.feed(worker, this.settings.clock.now());
  }

  dying(worker: PoolWorker, death: WorkerDeath): void {
    this.#barrier.dying(worker, death);
  }

  ended(worker: PoolWorker, remains: WorkerRemains): void {
    this.#barrier.ended(worker, remains);
  }

  hopeless(crew: Crew, error: unknown): void {
    for (const { reject } of this.#starting.splice(0)) reject(error);
    const isCommonToo = this.#crews.every((each) => each === crew || each.isHopeless);
    for (const call of this.#dispatcher.takeWaiting([crew], isCommonToo)) {
      this.#dispatcher.fail(call, error);
    }
  }

  grant(call: PoolCall, count: number): void {
    const { worker } = call;
    if (worker === undefined) return;
    worker.occupy(call);
    worker.conversation?.credit(call.callId, count);
  }

  rest(call: PoolCall): void {
    const { worker } = call;
    if (worker === undefined || call.phase !== "sent") return;
    worker.vacate(call);
    announceStall(call, this.name, "reader");
    this.#dispatcher.assignment.feed(worker, this.settings.clock.now());
  }

  starve(call: PoolCall): void {
    announceStall(call, this.name, "python");
  }

  leave(call: PoolCall): void {
    this.#dispatcher.aborted(call, "its reader left");
  }

  #workers(): PoolWorker[] {
    return this.#crews.flatMap(({ workers }) => Array.from(workers));
  }

  #makeCrews(): readonly Crew[] {
    const { devices, workers, minWorkers } = this.settings;
    return devices.map((device, at) => {
      const crew: Crew = new Crew({
        device,
        min: share(minWorkers, devices.length, at),
        max: share(workers, devices.length, at),
        host: this,
        onBreaker: (from, breaker) => this.#breakerChanged(crew, from, breaker),
      });
      return crew;
    });
  }

  async #begin(): Promise<void> {
    this.#upkeep.start();
    if (this.settings.minWorkers === 0) return;
    const started = new Promise<void>((resolve, reject) => {
      this.#starting.push({ resolve, reject });
    });
    for (const crew of this.#crews) crew.fill("open");
    await started;
  }

  #breakerChanged(crew: Crew, from: Breaker["state"], breaker: Breaker): void {
    const { clock, name } = this.settings;
    const now = clock.now();
    announceBreaker(breaker, name, crew.device, from, now);
    if (breaker.state === "open") {
      const retryAfterMs = breaker.retryAfterMs(now);
      this.#deadlines.set(this.#wake(), now + retryAfterMs);
      if (from !== "half-open") return;
      // What waited for the attempt has waited long enough.
      const isCommonToo = this.#crews.every((each) => each === crew || !each.breaker.isClosed);
      const error = breakerOpen(name, crew.device, breaker.crashes, retryAfterMs);
      for (const call of this.#dispatcher.takeWaiting([crew], isCommonToo)) {
        this.#dispatcher.fail(call, error);
      }
    } else if (breaker.state === "closed") {
      queueMicrotask(() => this.#dispatcher.assignment.feedAll());
    }
  }

  /** Something due that lets everybody take what waits. */
  #wake(): { dueAt: number; place: number; due(): void } {
    return { dueAt: 0, place: -1, due: () => this.#dispatcher.assignment.feedAll() };
  }
}

/** How many of them the part at this place gets. */
function share(total: number, parts: number, at: number): number {
  return Math.floor(total / parts) + (at < total % parts ? 1 : 0);
}
