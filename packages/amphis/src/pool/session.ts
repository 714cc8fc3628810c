import { callingConversation, type Work } from "../worker/index.ts";
import type { Timed } from "./deadlines.ts";
import { LiveObjects } from "./live-objects.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { WaitingLine } from "./waiting-line.ts";

/**
 * What a session does when its worker is busy.
 *
 * `queue`: its calls wait for it. `fail`: they fail with SESSION_BUSY. `hint`: they go to another worker; for caches, not for state.
 */
export type SessionAffinity = "queue" | "fail" | "hint";

/** What the sessions of a pool have where they say nothing themselves. */
export interface SessionDefaults {
  /** What a session does when its worker is busy: waits, fails with SESSION_BUSY, or goes to another. @default "queue" */
  readonly affinity?: SessionAffinity | undefined;
  /** It ends when no call was made for so long. @default Infinity */
  readonly ttlMs?: number | undefined;
  /** It ends when it is so old, whatever is done with it. @default Infinity */
  readonly maxAgeMs?: number | undefined;
  /** Calls that may be in progress or wait at a time; then SESSION_BUSY. @default Infinity */
  readonly maxCalls?: number | undefined;
}

export interface SessionOptions extends SessionDefaults {
  /** For messages and status. @default "session-1" and on */
  readonly name?: string | undefined;
  /** Only on a worker of this device. @default any */
  readonly device?: string | undefined;
  /**
   * Done on its worker when it ends in whatever way but the death of the worker; when the pool is stopped, as far as its grace period
   * allows. Failures are reported as events, and stop nothing.
   */
  readonly cleanUp?: readonly Work[] | undefined;
}

export type SessionState =
  | { readonly kind: "open" }
  | { readonly kind: "closing"; readonly reason: string }
  | { readonly kind: "closed"; readonly reason: string };

/** What sessions ask of their pool. */
export interface SessionHost {
  close(session: Session, reason: string): Promise<void>;
  due(session: Session): void;
}

/**
 * Calls that belong together, made by one worker: it keeps what they leave behind in Python.
 *
 * It gets its worker with its first call, the one that is least loaded. When that worker dies the session is over (SESSION_CLOSED), unless
 * its affinity is a hint: then it goes on with another.
 */
export class Session implements AsyncDisposable, Timed {
  readonly name: string;
  readonly affinity: SessionAffinity;
  readonly device: string | undefined;
  readonly openedAt: number;
  state: SessionState = { kind: "open" };
  /** Whose it is, from its first call on. */
  worker: PoolWorker | undefined;
  /** The call that is to find the worker; the others wait for it in the line. */
  first: PoolCall | undefined;
  readonly line: WaitingLine<PoolCall> = new WaitingLine();
  /** Calls in progress or waiting. */
  calls = 0;
  usedAt: number;
  dueAt = 0;
  place = -1;
  /** Results of its calls that live in Python; they end with the session. */
  readonly objects: LiveObjects = new LiveObjects();
  readonly options: SessionOptions;
  readonly #host: SessionHost;
  #closed: Promise<void> | undefined;

  /** Made by `openSession` of a pool. */
  constructor(init: {
    readonly name: string;
    readonly options: SessionOptions;
    readonly now: number;
    readonly host: SessionHost;
  }) {
    this.name = init.name;
    this.options = init.options;
    this.affinity = init.options.affinity ?? "queue";
    this.device = init.options.device;
    this.openedAt = init.now;
    this.usedAt = init.now;
    this.#host = init.host;
  }

  /** Number of its worker, when it has one. */
  get workerNumber(): number | undefined {
    return this.worker?.number;
  }

  /** Moment at which it ends if nothing is done with it. */
  get endsAt(): number {
    const { ttlMs = Infinity, maxAgeMs = Infinity } = this.options;
    return Math.min(this.usedAt + ttlMs, this.openedAt + maxAgeMs);
  }

  due(): void {
    this.#host.due(this);
  }

  /**
   * Takes no more calls, waits for those that it has, cleans up, and lets its worker go.
   *
   * In a callback that its worker waits for it resolves at once: its calls cannot end before the callback has.
   */
  close(): Promise<void> {
    const closed = this.closed();
    return this.isAwaitingCaller ? Promise.resolve() : closed;
  }

  /** Closes it too, and resolves when it is closed in any case. */
  closed(): Promise<void> {
    return (this.#closed ??= this.#host.close(this, "closed"));
  }

  /** Whether it has calls, and its worker waits for the callback that the current code runs in. */
  get isAwaitingCaller(): boolean {
    const calling = callingConversation();
    return this.calls > 0 && calling !== undefined && calling === this.worker?.conversation;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
