import { poolClose, type PoolClose, poolDrain } from "../telemetry/index.ts";
import { poolClosed } from "./call-errors.ts";
import type { Crew } from "./crew.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import type { PoolStatus } from "./status.ts";
import type { Upkeep } from "./upkeep.ts";
import { within } from "./within.ts";

export interface EndingInit {
  readonly settings: PoolSettings;
  readonly statistics: Statistics;
  readonly crews: readonly Crew[];
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly deadlines: Deadlines;
  readonly upkeep: Upkeep;
}

type Reason = PoolClose["reason"];

/** All callers have been told by then. */
const TOLD_MS = 250;

/** Why its sessions are over. */
const CLOSED = "the pool is closed";

/** How a pool ends; a stricter way overtakes a milder one. */
export class Ending {
  readonly #init: EndingInit;
  #state: PoolStatus["state"] = "open";
  #isStopping = false;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Who waits until no call is left. */
  #idle: (() => void)[] = [];

  constructor(init: EndingInit) {
    this.#init = init;
  }

  get state(): PoolStatus["state"] {
    return this.#state;
  }

  /** Whether calls are made no more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Takes no more calls, does those that it has, however long that takes, and ends. */
  drain(): Promise<void> {
    return (this.#draining ??= this.#drain());
  }

  /** Takes no more calls, rejects those that wait, gives the others and the cleaning up of sessions so long, and ends. */
  async stop(graceMs: number): Promise<void> {
    if (this.#closing === undefined) {
      this.#beginStopping();
      this.#rejectWaiting();
      const { dispatcher, settings, sessions } = this.#init;
      const isBusy = dispatcher.open > 0 || sessions.all.size > 0;
      if (isBusy && graceMs > 0) await within(settings.clock, graceMs, this.#windUp());
    }
    await this.#close(graceMs, "stopped");
  }

  /** Ends all workers at once, with what they do. */
  async kill(): Promise<void> {
    this.#beginStopping();
    this.#rejectWaiting();
    for (const crew of this.#init.crews) {
      for (const worker of crew.workers) crew.kill(worker, "stopped");
    }
    await this.#close(0, "killed");
  }

  /** After an opening that failed. */
  fail(): Promise<void> {
    return this.#close(0, "failed");
  }

  /** The last call is over. */
  tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #drain(): Promise<void> {
    const { settings, dispatcher, sessions } = this.#init;
    if (this.#closing === undefined) {
      this.#refuse();
      if (poolDrain.hasSubscribers) {
        const { waiting, open } = dispatcher;
        poolDrain.publish({ pool: settings.name, waiting, running: open - waiting });
      }
      await this.#untilIdle();
      await sessions.closeAll(CLOSED);
    }
    await this.#close(settings.graceMs, "drained");
  }

  #refuse(): void {
    if (this.#state === "open") this.#state = "draining";
    this.#init.dispatcher.close();
  }

  #beginStopping(): void {
    this.#refuse();
    this.#isStopping = true;
  }

  #rejectWaiting(): void {
    const { dispatcher, settings } = this.#init;
    dispatcher.rejectWaiting(poolClosed(settings.name));
  }

  /** Sessions clean up when their own calls are over, whatever others still do. */
  async #windUp(): Promise<void> {
    await Promise.all([this.#untilIdle(), this.#init.sessions.closeAll(CLOSED)]);
  }

  #untilIdle(): Promise<void> {
    if (this.#init.dispatcher.open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #close(graceMs: number, reason: Reason): Promise<void> {
    return (this.#closing ??= this.#end(graceMs, reason));
  }

  async #end(graceMs: number, reason: Reason): Promise<void> {
    const { settings, statistics, crews, dispatcher, sessions, deadlines, upkeep } = this.#init;
    this.#beginStopping();
    upkeep.stop();
    sessions.endAll(CLOSED);
    this.#rejectWaiting();
    // Calls that are still in progress had their time.
    const isBusy = dispatcher.open > 0;
    await Promise.all(crews.map((crew) => crew.close(isBusy ? 0 : graceMs)));
    // Callers whose deadline had passed are told as soon as it is known what Python was doing.
    if (dispatcher.open > 0) await within(settings.clock, TOLD_MS, this.#untilIdle());
    deadlines.close();
    this.#state = "closed";
    this.tellIdle();
    const { resolved, rejected } = statistics.calls;
    if (poolClose.hasSubscribers) {
      poolClose.publish({ pool: settings.name, reason, calls: resolved + rejected });
    }
  }
}
