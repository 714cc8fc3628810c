import { announceHealth, announceRecycle } from "./announce.ts";
import { HEALTH_EVERY_MS, isHealthy } from "./chores.ts";
import type { Crew } from "./crew.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { processState } from "./process-state.ts";
import { recycleReason, type RecycleReason } from "./recycling.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import { forcedStacks } from "./worker-stacks.ts";

/** An idle worker that was silent for so many heartbeats is asked, and given up after as many more: nothing is lost with it. */
const IDLE_BEATS = 5;

/**
 * Looks at every worker at each heartbeat: whether it lives, what it takes, and whether it is to be replaced or let go.
 *
 * A worker is asked for a sign of life only when a call runs long, or when it has said nothing for long. Its control thread answers, unless
 * C code holds the interpreter (`stuck`), or the process does not run at all (`silent`).
 */
export class Upkeep {
  readonly #settings: PoolSettings;
  readonly #crews: readonly Crew[];
  readonly #statistics: Statistics;
  /** Workers that are about to be ended. */
  readonly #givenUp = new WeakSet<PoolWorker>();
  #cancel: (() => void) | undefined;

  constructor(settings: PoolSettings, crews: readonly Crew[], statistics: Statistics) {
    this.#settings = settings;
    this.#statistics = statistics;
    this.#crews = crews;
  }

  start(): void {
    const { clock, heartbeatMs } = this.#settings;
    const beat = (): void => {
      this.#cancel = clock.after(heartbeatMs, beat, "background");
      this.#look(clock.now());
    };
    this.#cancel = clock.after(heartbeatMs, beat, "background");
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A worker has done as many calls as it should. */
  worn(worker: PoolWorker): void {
    if (worker.recycleFor === undefined) this.#recycle(worker, "calls", this.#settings.clock.now());
    else worker.crew.relieve(worker);
  }

  #look(now: number): void {
    for (const crew of this.#crews) {
      for (const worker of Array.from(crew.workers)) {
        if (!worker.isReady) continue;
        this.#measure(worker);
        this.#listen(worker, now);
        this.#judge(worker, now);
        this.#ask(worker, now);
      }
      crew.fill("replace");
    }
  }

  #measure(worker: PoolWorker): void {
    const usage = worker.launched?.usage();
    if (usage === undefined) return;
    worker.rssBytes = usage.rssBytes;
    worker.cpuMs = usage.cpuMs;
    if (worker.calls > 0) worker.firstRssBytes ??= usage.rssBytes;
  }

  #listen(worker: PoolWorker, now: number): void {
    const { heartbeatMs } = this.#settings;
    if (worker.missedBeats !== undefined) {
      const isSilent = now - worker.heardAt >= 2 * heartbeatMs;
      worker.missedBeats = isSilent ? worker.missedBeats + 1 : 0;
      if (isSilent) this.#diagnose(worker, now);
      return;
    }
    const isLong = worker.running > 0 && now - worker.lastDoneAt >= heartbeatMs;
    if (isLong || now - worker.heardAt >= IDLE_BEATS * heartbeatMs) void this.#ping(worker);
  }

  async #ping(worker: PoolWorker): Promise<void> {
    worker.missedBeats = 0;
    try {
      await worker.conversation?.ping();
    } catch {
      // Its end is noticed by others.
      return;
    }
    worker.missedBeats = undefined;
    worker.heardAt = this.#settings.clock.now();
    this.#change(worker, "responsive", worker.heardAt);
  }

  /** It did not answer. */
  #diagnose(worker: PoolWorker, now: number): void {
    const { unresponsiveMs, heartbeatMs } = this.#settings;
    const state = processState(worker.pid);
    if (state === "gone") return;
    this.#change(worker, state === "stopped" ? "silent" : "stuck", now);
    const patienceMs = worker.running === 0 ? IDLE_BEATS * heartbeatMs : unresponsiveMs || Infinity;
    // Beats and not time: after this process itself slept, answers may lie here unread.
    const silentMs = (worker.missedBeats ?? 0) * heartbeatMs;
    if (silentMs >= patienceMs) void this.#giveUp(worker, state);
  }

  /** Ends it, and tells what Python was doing where that can be known. */
  async #giveUp(worker: PoolWorker, state: ReturnType<typeof processState>): Promise<void> {
    if (this.#givenUp.has(worker)) return;
    this.#givenUp.add(worker);
    // A process that does not run writes nothing.
    if (state !== "stopped") {
      worker.pythonStack = await forcedStacks(worker, this.#settings.clock);
    }
    worker.crew.kill(worker, "unresponsive");
  }

  #change(worker: PoolWorker, health: PoolWorker["health"], now: number): void {
    if (worker.health === health) return;
    worker.health = health;
    announceHealth(worker, this.#settings.name, now);
  }

  #judge(worker: PoolWorker, now: number): void {
    const { recycle, idleMs } = this.#settings;
    const { crew } = worker;
    if (worker.replacedAt !== undefined) {
      crew.relieve(worker);
      return;
    }
    if (worker.recycleFor === undefined) {
      const { rssBytes, firstRssBytes, calls } = worker;
      const reason = recycleReason(recycle, {
        calls,
        ageMs: now - worker.readyAt,
        memoryGrowthBytes:
          rssBytes === undefined || firstRssBytes === undefined
            ? undefined
            : rssBytes - firstRssBytes,
      });
      if (reason !== undefined) this.#recycle(worker, reason, now);
    }
    const isIdle = worker.running === 0 && now - worker.lastDoneAt >= idleMs && idleMs > 0;
    if (isIdle && worker.isExpendable && crew.strength > crew.min) crew.retire(worker, "idle");
  }

  /** Whether its libraries work, as far as they can say. */
  #ask(worker: PoolWorker, now: number): void {
    const { health = [], healthEveryMs = HEALTH_EVERY_MS } = this.#settings.chores;
    const { conversation } = worker;
    if (health.length === 0 || worker.running > 0 || conversation === undefined) return;
    if (now - Math.max(worker.askedAt, worker.readyAt) < healthEveryMs) return;
    worker.askedAt = Infinity;
    void isHealthy(conversation, health).then((isWell) => {
      worker.askedAt = this.#settings.clock.now();
      if (!isWell) this.dismiss(worker);
    });
  }

  /** Lets a worker do what it has, and nothing more. */
  dismiss(worker: PoolWorker): void {
    if (!worker.isReady) return;
    const { crew } = worker;
    worker.recycleFor = "library";
    announceRecycle(worker, this.#settings.name, "library", this.#settings.clock.now());
    this.#statistics.workers.recycled += 1;
    crew.retire(worker, "recycled");
    crew.fill("replace");
  }

  #recycle(worker: PoolWorker, reason: RecycleReason, now: number): void {
    worker.recycleFor = reason;
    announceRecycle(worker, this.#settings.name, reason, now);
    worker.crew.replace(worker);
  }
}
