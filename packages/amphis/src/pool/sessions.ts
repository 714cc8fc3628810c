import { AmphisError } from "@amphis/protocol";

import { sessionClose, sessionOpen } from "../telemetry/index.ts";
import type { Work, WorkSink } from "../worker/index.ts";
import { sessionBusy, sessionClosed } from "./call-errors.ts";
import type { Deadlines } from "./deadlines.ts";
import type { WorkerDeath } from "./death.ts";
import type { CallOptions } from "./options.ts";
import { expectSessionOptions } from "./expect-options.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { Session, type SessionHost, type SessionOptions } from "./session.ts";
import type { PoolSettings } from "./settings.ts";

/** Longest time for one piece of cleaning up. */
const CLEAN_UP_MS = 5_000;

export interface SessionsInit {
  readonly settings: PoolSettings;
  readonly deadlines: Deadlines;
  /** Makes a call of a session that waited until it had a worker. */
  readonly place: (call: PoolCall) => void;
  readonly submit: (work: Work, options: CallOptions, sink: WorkSink) => void;
  readonly fail: (call: PoolCall, error: unknown) => void;
}

/** The sessions of a pool. */
export class Sessions implements SessionHost {
  readonly #init: SessionsInit;
  readonly #sessions = new Set<Session>();
  readonly #closing = new Map<Session, Promise<void>>();
  readonly #closers = new Map<Session, () => void>();
  /** Sessions whose clean-up is being done, which their state forbids others. */
  readonly #cleaning = new Set<Session>();
  #names = 0;

  constructor(init: SessionsInit) {
    this.#init = init;
  }

  get all(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /**
   * @throws {TypeError | RangeError} for options that make no sense, a name that an open one has among them
   * @throws {AmphisError} SESSION_BUSY when there are as many as there may be
   */
  open(options: SessionOptions): Session {
    const { settings, deadlines } = this.#init;
    expectSessionOptions(options);
    const name = options.name ?? this.#freeName();
    if (this.#sessions.size >= settings.maxSessions) {
      throw new AmphisError(
        "SESSION_BUSY",
        `Cannot open session ${name}: pool ${settings.name} has ${settings.maxSessions} already`,
        { session: name },
      );
    }
    if (this.#isOpen(name)) {
      throw new TypeError(
        `Cannot open session ${name}: pool ${settings.name} has an open one of this name; close that first, or name none`,
      );
    }
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    const own: SessionOptions = { ...settings.sessions, ...Object.fromEntries(given) };
    const session = new Session({ name, options: own, now: settings.clock.now(), host: this });
    this.#sessions.add(session);
    if (session.endsAt !== Infinity) deadlines.set(session, session.endsAt);
    return session;
  }

  #freeName(): string {
    for (;;) {
      const name = `session-${(this.#names += 1)}`;
      if (!this.#isOpen(name)) return name;
    }
  }

  #isOpen(name: string): boolean {
    for (const session of this.#sessions) if (session.name === name) return true;
    return false;
  }

  isCleaning(session: Session | undefined): boolean {
    return session !== undefined && this.#cleaning.has(session);
  }

  /** @throws {AmphisError} SESSION_CLOSED, SESSION_BUSY */
  enter(call: PoolCall, session: Session, now: number): void {
    const { state, options } = session;
    if (state.kind !== "open" && !this.isCleaning(session)) {
      throw sessionClosed(session.name, state.reason);
    }
    if (!this.#sessions.has(session)) {
      throw new TypeError(`Cannot make call: session ${session.name} is of another pool`);
    }
    if (session.calls >= (options.maxCalls ?? Infinity)) throw sessionBusy(session.name);
    session.calls += 1;
    session.usedAt = now;
    call.isEntered = true;
  }

  /** A worker has begun with a call of it, and so is its worker from now on. */
  began(call: PoolCall, session: Session, worker: PoolWorker): void {
    if (session.worker === undefined) {
      session.worker = worker;
      worker.sessions.add(session);
      if (sessionOpen.hasSubscribers) {
        const { name } = this.#init.settings;
        sessionOpen.publish({ pool: name, session: session.name, worker: worker.number });
      }
    }
    if (session.first === call) session.first = undefined;
    this.#release(session, Infinity);
  }

  /** A call of it is over. */
  left(call: PoolCall, session: Session): void {
    if (!call.isEntered) return;
    call.isEntered = false;
    session.calls -= 1;
    session.usedAt = this.#init.settings.clock.now();
    if (session.first === call) {
      session.first = undefined;
      this.#release(session, 1);
    }
    if (session.calls === 0) this.#closers.get(session)?.();
  }

  /** A worker is gone, and with it what its sessions had there. */
  workerEnded(worker: PoolWorker, death: WorkerDeath): void {
    for (const session of worker.sessions) {
      session.worker = undefined;
      if (session.affinity === "hint") continue;
      this.#end(session, `its worker ${death.text}`, worker);
    }
    worker.sessions.clear();
  }

  due(session: Session): void {
    const { settings, deadlines } = this.#init;
    const now = settings.clock.now();
    if (session.state.kind !== "open") return;
    const { maxAgeMs = Infinity, ttlMs = Infinity } = session.options;
    const isOld = now >= session.openedAt + maxAgeMs;
    const isUsed = session.calls > 0 || now < session.usedAt + ttlMs;
    if (!isOld && isUsed) {
      const next = session.calls > 0 ? now + ttlMs : session.usedAt + ttlMs;
      deadlines.set(session, Math.min(next, session.openedAt + maxAgeMs));
      return;
    }
    void this.close(session, isOld ? "it is too old" : "it was not used");
  }

  /** Resolves when it is closed, whoever began with that. */
  close(session: Session, reason: string): Promise<void> {
    const known = this.#closing.get(session);
    if (known !== undefined || session.state.kind !== "open") return known ?? Promise.resolve();
    const closing = this.#close(session, reason).finally(() => this.#closing.delete(session));
    this.#closing.set(session, closing);
    return closing;
  }

  /** Closes all, as each is closed by itself. */
  async closeAll(reason: string): Promise<void> {
    await Promise.all(Array.from(this.#sessions, (session) => this.close(session, reason)));
  }

  async #close(session: Session, reason: string): Promise<void> {
    session.state = { kind: "closing", reason };
    this.#init.deadlines.clear(session);
    if (session.calls > 0) {
      await new Promise<void>((resolve) => this.#closers.set(session, resolve));
      this.#closers.delete(session);
    }
    // Its worker may have died meanwhile.
    if (this.#isOver(session)) return;
    await this.#cleanUp(session);
    if (this.#isOver(session)) return;
    const { worker } = session;
    worker?.sessions.delete(session);
    session.worker = undefined;
    this.#end(session, reason, worker);
    if (worker !== undefined) worker.crew.relieve(worker);
  }

  /** Ends all at once, without cleaning up: their workers end too. */
  endAll(reason: string): void {
    for (const session of this.#sessions) this.#end(session, reason, session.worker);
  }

  #isOver(session: Session): boolean {
    return session.state.kind === "closed";
  }

  #end(session: Session, reason: string, worker: PoolWorker | undefined): void {
    const { settings, deadlines, fail } = this.#init;
    session.state = { kind: "closed", reason };
    this.#sessions.delete(session);
    deadlines.clear(session);
    for (const call of Array.from(session.line)) fail(call, sessionClosed(session.name, reason));
    session.objects.releaseAll();
    this.#closers.get(session)?.();
    if (sessionClose.hasSubscribers && worker !== undefined) {
      const { number } = worker;
      sessionClose.publish({ pool: settings.name, session: session.name, worker: number, reason });
    }
  }

  async #cleanUp(session: Session): Promise<void> {
    const { cleanUp = [] } = session.options;
    if (session.worker === undefined) return;
    this.#cleaning.add(session);
    for (const work of cleanUp) {
      if (this.#isOver(session)) break;
      await new Promise<void>((resolve) => {
        const over = (): void => resolve();
        const options = { session, timeoutMs: CLEAN_UP_MS };
        this.#init.submit(work, options, { resolve: over, reject: over });
      });
    }
    this.#cleaning.delete(session);
  }

  /** Lets calls go on that waited for the worker of the session. */
  #release(session: Session, most: number): void {
    for (let n = 0; n < most; n += 1) {
      const call = session.line.peek();
      if (call === undefined) return;
      this.#init.place(call);
    }
  }
}
