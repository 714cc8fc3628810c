import { AmphisError } from "@amphis/protocol";

import { type Launcher, openLauncher, type WorkerSpec } from "../worker/index.ts";
import { announceExit, announceLauncher, announceReady, announceStart } from "./announce.ts";
import { Breaker, type BreakerObserver } from "./breaker.ts";
import type { KillReason, WorkerDeath } from "./death.ts";
import { foretoldDeath, turn } from "./last-words.ts";
import type { PoolCall } from "./pool-call.ts";
import { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import { WaitingLine } from "./waiting-line.ts";
import { within } from "./within.ts";
import { firstSign, remainsOf, type WorkerRemains } from "./worker-end.ts";
import { startWorker } from "./worker-start.ts";

/** So many starts in a row have to fail until calls are told so. */
const HOPELESS = 3;

/** A worker that dies so soon, with nothing to do, counts as one that could not be started. */
const YOUNG_MS = 1_000;

/** Live objects keep a worker for so long that is to be replaced; then they are gone. */
const OBJECTS_MS = 60_000;

/** What a crew needs of its pool. */
export interface CrewHost {
  readonly settings: PoolSettings;
  readonly statistics: Statistics;
  nextWorkerNumber(): number;
  /** Calls that wait for any worker of this crew. */
  waiting(crew: Crew): number;
  /** Whether somebody waits for a worker of this crew, so that the program goes on until there is one or none can be. */
  isAwaited(crew: Crew): boolean;
  ready(worker: PoolWorker): void;
  /** It says how it is about to end, and all that it answered is there. */
  dying(worker: PoolWorker, death: WorkerDeath): void;
  /** It has ended; what it left is settled before this returns. */
  ended(worker: PoolWorker, remains: WorkerRemains): void;
  /** No worker can be started, several times in a row, and there is none. */
  hopeless(crew: Crew, error: unknown): void;
}

export type StartReason = "open" | "load" | "replace" | "recycle";

/** The workers of a pool that are bound to one device, or all of them where there are no devices. */
export class Crew {
  readonly device: string | undefined;
  readonly min: number;
  readonly max: number;
  /** Calls that want this device. */
  readonly line: WaitingLine<PoolCall> = new WaitingLine();
  readonly breaker: Breaker;
  /** All that have not ended. */
  readonly workers: PoolWorker[] = [];
  /** Why the latest start failed; undefined once one was ready. */
  lastFailure: unknown;
  readonly #host: CrewHost;
  readonly #stop = new AbortController();
  readonly #endings = new Set<Promise<void>>();
  #launcher: Promise<Launcher> | undefined;
  #failures = 0;
  #restUntil = 0;
  #cancelRest: (() => void) | undefined;
  #isClosing = false;

  constructor(init: {
    readonly device: string | undefined;
    readonly min: number;
    readonly max: number;
    readonly host: CrewHost;
    readonly onBreaker: BreakerObserver;
  }) {
    this.device = init.device;
    this.min = init.min;
    this.max = init.max;
    this.#host = init.host;
    this.breaker = new Breaker(init.host.settings.breaker, init.onBreaker);
  }

  /** Workers that take calls, or will. */
  get strength(): number {
    return this.#count("starting") + this.#count("ready");
  }

  /** Whether there is no worker, and the latest attempts to start one failed, and it is too early to try again. */
  get isHopeless(): boolean {
    const isFailing = this.#failures >= HOPELESS && this.lastFailure !== undefined;
    return isFailing && this.strength === 0 && this.#restMs() > 0;
  }

  /** Whether a call may be done by its workers. */
  serves({ device }: PoolCall): boolean {
    return device === undefined || device === this.device;
  }

  /** Starts what is missing: up to the minimum, and for calls that wait up to the maximum. Harmless when nothing is. */
  fill(reason: StartReason): void {
    if (this.#isClosing) return;
    const starting = this.#count("starting");
    const demand = Math.min(this.#host.waiting(this) - starting, this.max - this.strength);
    let missing = Math.max(this.min - this.strength, demand);
    if (missing <= 0) return;
    if (this.#failures > 0 && this.#isSound()) this.#failures = 0;
    // While starts fail there is one attempt at a time, after a rest that grows.
    if (this.#failures > 0) {
      if (starting > 0) return;
      if (this.#restMs() > 0) {
        this.#rest();
        return;
      }
      missing = 1;
    }
    for (let n = 0; n < missing; n += 1) void this.#start(reason);
  }

  /** Starts the replacement of a worker that goes on until it is there. */
  replace(worker: PoolWorker): void {
    if (!this.#isClosing) void this.#start("recycle", worker);
  }

  /** Lets a worker go whose replacement is there, unless it is still needed. */
  relieve(worker: PoolWorker): void {
    const { replacedAt } = worker;
    if (replacedAt === undefined || !worker.isReady || !worker.isUnbound) return;
    // Some live objects are held for as long as the program runs: modules, for one.
    const isPatient = this.#host.settings.clock.now() < replacedAt + OBJECTS_MS;
    if (isPatient && worker.objects.hasAny()) return;
    this.#host.statistics.workers.recycled += 1;
    this.retire(worker, "recycled");
  }

  /** It takes no more calls, and ends after those that it has. */
  retire(worker: PoolWorker, reason: KillReason): void {
    if (worker.state.kind !== "ready") return;
    worker.state = { kind: "leaving", reason };
    if (worker.running === 0) this.dismiss(worker);
  }

  /** Ends a worker that has nothing to do, in good order if it hurries. */
  dismiss(worker: PoolWorker): void {
    if (worker.state.kind !== "leaving" || worker.killedFor !== undefined) return;
    worker.killedFor = worker.state.reason;
    void this.#dismiss(worker);
  }

  /** Ends a worker at once, with all that it does. */
  kill(worker: PoolWorker, reason: KillReason): void {
    if (worker.state.kind === "ended") return;
    worker.killedFor ??= reason;
    worker.launched?.kill();
  }

  /** Ends all workers, and resolves when nothing of them is left. They have so long to end in good order. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#cancelRest?.();
    this.#stop.abort(new Error("the pool is closed"));
    for (const worker of this.workers) {
      if (worker.state.kind === "ready" && graceMs > 0) this.retire(worker, "stopped");
      else if (worker.state.kind !== "leaving" || graceMs === 0) this.kill(worker, "stopped");
    }
    while (this.#endings.size > 0) await Promise.all(this.#endings);
    const launcher = await this.#launcher?.catch(() => undefined);
    await launcher?.[Symbol.asyncDispose]();
  }

  /** The launcher, opened when it is first wanted. */
  async #opened(): Promise<Launcher> {
    const { settings } = this.#host;
    this.#launcher ??= this.#open(settings.specOf(this.device));
    try {
      return await this.#launcher;
    } catch (error) {
      this.#launcher = undefined;
      throw error;
    }
  }

  async #open(spec: WorkerSpec): Promise<Launcher> {
    const launcher = await openLauncher(spec);
    announceLauncher(launcher);
    return launcher;
  }

  async #start(reason: StartReason, replaced?: PoolWorker): Promise<void> {
    const { settings, statistics } = this.#host;
    const { name: pool, clock, capacity, shortMs } = settings;
    const number = this.#host.nextWorkerNumber();
    const worker = new PoolWorker({
      number,
      pool,
      crew: this,
      now: clock.now(),
      capacity,
      shortMs,
    });
    this.workers.push(worker);
    statistics.workers.started += 1;
    announceStart(worker, settings.name, reason);
    const life = this.#live(worker, replaced);
    this.#endings.add(life);
    await life;
    this.#endings.delete(life);
  }

  /** From the start of a worker to its end; never rejects. */
  async #live(worker: PoolWorker, replaced: PoolWorker | undefined): Promise<void> {
    try {
      const launcher = await this.#opened();
      await startWorker(worker, launcher, this.#host.settings, this.#stop.signal);
    } catch (error) {
      await this.#failed(worker, error);
      return;
    }
    if (!this.#isClosing) this.#ready(worker, replaced);
    else worker.launched?.kill();
    const { launched } = worker;
    const ended = launched === undefined ? undefined : firstSign(launched);
    const signal = await Promise.race([ended, worker.dying]);
    const isUnused = worker.calls === 0 && worker.running === 0;
    if (signal !== undefined) await this.#foretold(worker, signal);
    await this.#over(worker, isUnused);
  }

  /** The system needs milliseconds to end a process; who waits for what it was doing need not wait for that. */
  async #foretold(worker: PoolWorker, signal: NodeJS.Signals): Promise<void> {
    // It gets nothing more.
    worker.state = { kind: "ending" };
    if (worker.killedFor !== undefined) return;
    const death = await foretoldDeath(worker, signal, this.#host.settings);
    if (death === undefined || worker.killedFor !== undefined) return;
    this.#host.dying(worker, death);
    // Callers hear of it before anything else is done about it.
    await turn();
  }

  #ready(worker: PoolWorker, replaced: PoolWorker | undefined): void {
    const { settings } = this.#host;
    const now = settings.clock.now();
    worker.state = { kind: "ready" };
    worker.readyAt = now;
    worker.heardAt = now;
    worker.lastDoneAt = now;
    this.lastFailure = undefined;
    announceReady(worker, settings.name, now - worker.createdAt);
    if (replaced !== undefined) {
      replaced.replacedAt = now;
      this.relieve(replaced);
    }
    this.#host.ready(worker);
  }

  async #failed(worker: PoolWorker, error: unknown): Promise<void> {
    const { settings, statistics } = this.#host;
    worker.killedFor ??= "not ready";
    worker.state = { kind: "ending" };
    const remains = await remainsOf(worker, settings);
    this.#remove(worker, remains);
    if (this.#isClosing) return;
    statistics.workers.startFailures += 1;
    this.lastFailure = error;
    this.#unlucky();
    // What no other attempt can change is told at once.
    if (error instanceof AmphisError && !error.retryable) {
      this.#failures = Math.max(this.#failures, HOPELESS);
    }
    // A launcher that cannot start anything may be broken itself; nothing of it is needed.
    if (this.workers.length === 0) await this.#closeLauncher();
    this.#host.ended(worker, remains);
    if (this.#failures >= HOPELESS && this.strength === 0) this.#host.hopeless(this, error);
    this.fill("replace");
  }

  async #over(worker: PoolWorker, isUnused: boolean): Promise<void> {
    const { settings } = this.#host;
    const { clock } = settings;
    worker.state = { kind: "ending" };
    const isYoung = isUnused && clock.now() - worker.readyAt < YOUNG_MS;
    if (worker.killedFor !== undefined) this.#failures = 0;
    else if (isYoung) this.#unlucky();
    else this.#failures = 0;
    this.fill("replace");
    const remains = await remainsOf(worker, settings);
    this.#remove(worker, remains);
    this.#host.ended(worker, remains);
    this.fill("replace");
  }

  #remove(worker: PoolWorker, { death, unanswered }: WorkerRemains): void {
    worker.state = { kind: "ended", death };
    this.workers.splice(this.workers.indexOf(worker), 1);
    worker.over();
    const { settings } = this.#host;
    announceExit(worker, settings.name, death, unanswered.length, settings.clock.now());
  }

  async #dismiss(worker: PoolWorker): Promise<void> {
    const { clock, graceMs } = this.#host.settings;
    const { launched, conversation } = worker;
    if (launched === undefined || conversation === undefined) return;
    // Whatever it fails with, the process is ended all the same.
    const closed = conversation.close().catch(() => undefined);
    const exit = await within(
      clock,
      graceMs,
      closed.then(() => launched.exited),
    );
    if (exit === undefined) launched.kill();
  }

  async #closeLauncher(): Promise<void> {
    const launcher = await this.#launcher?.catch(() => undefined);
    this.#launcher = undefined;
    await launcher?.[Symbol.asyncDispose]();
  }

  /** Whether a worker has shown that starting them works. */
  #isSound(): boolean {
    const now = this.#host.settings.clock.now();
    return this.workers.some(
      (worker) => worker.isReady && (worker.calls > 0 || now - worker.readyAt >= YOUNG_MS),
    );
  }

  /** A start failed: the next one has to wait. */
  #unlucky(): void {
    const { clock, startBackoff } = this.#host.settings;
    this.#failures += 1;
    this.#restUntil = clock.now() + startBackoff(this.#failures);
  }

  #rest(): void {
    if (this.#cancelRest !== undefined) return;
    const { clock } = this.#host.settings;
    const ground = this.#host.isAwaited(this) ? "foreground" : "background";
    this.#cancelRest = clock.after(
      this.#restMs(),
      () => {
        this.#cancelRest = undefined;
        this.fill("replace");
      },
      ground,
    );
  }

  #restMs(): number {
    return Math.max(0, Math.ceil(this.#restUntil - this.#host.settings.clock.now()));
  }

  #count(kind: "starting" | "ready"): number {
    let count = 0;
    for (const { state } of this.workers) if (state.kind === kind) count += 1;
    return count;
  }
}
