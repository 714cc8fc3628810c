import type { Conversation, LaunchedWorker, ReadyInfo } from "../worker/index.ts";
import type { Crew } from "./crew.ts";
import type { KillReason, WorkerDeath } from "./death.ts";
import { LiveObjects } from "./live-objects.ts";
import type { PoolCall } from "./pool-call.ts";
import type { RecycleReason } from "./recycling.ts";
import type { Session } from "./session.ts";
import { WaitingLine } from "./waiting-line.ts";
import { WorkerDenials } from "./worker-denials.ts";
import { WorkerOperations } from "./worker-operations.ts";

export type WorkerState =
  | { readonly kind: "starting" }
  | { readonly kind: "ready" }
  /** Takes no more calls, finishes those that it has, and ends. */
  | { readonly kind: "leaving"; readonly reason: KillReason }
  /** It has ended or is being ended, and what it held is not settled yet. */
  | { readonly kind: "ending" }
  | { readonly kind: "ended"; readonly death: WorkerDeath | undefined };

/** What the heartbeat knows of a worker: `stuck`: C code holds the interpreter; `silent`: the process does not run. */
export type WorkerHealth = "responsive" | "stuck" | "silent";

/** A call that has run for so many times as long as a short one is not short, so nothing is sent behind it. */
const LONG = 2.5;

/** One worker process as the pool sees it. */
export class PoolWorker {
  readonly number: number;
  readonly crew: Crew;
  readonly createdAt: number;
  readonly capacity: number;
  readonly #shortMs: number;
  state: WorkerState = { kind: "starting" };
  launched: LaunchedWorker | undefined;
  conversation: Conversation | undefined;
  info: ReadyInfo | undefined;
  readyAt = 0;
  /** Calls that take a place: sent and not answered, streams without credit left out. */
  running = 0;
  /** Calls that it has not answered. */
  held = 0;
  /** Calls answered. */
  calls = 0;
  lastDoneAt = 0;
  /** Calls that only this worker can do. */
  readonly line: WaitingLine<PoolCall> = new WaitingLine();
  readonly sessions: Set<Session> = new Set();
  readonly objects: LiveObjects = new LiveObjects();
  readonly operations: WorkerOperations;
  readonly denials: WorkerDenials;
  /** Calls that it holds in the order in which it got them, chained by their own links. */
  #first: PoolCall | undefined;
  #last: PoolCall | undefined;
  /** Calls with a place that are not known to be short. */
  #long = 0;
  /** Why this program ends it. */
  killedFor: KillReason | undefined;
  /** What Python was doing when a call of it was given up, or all of it. */
  pythonStack = "";
  /** Why it is to be replaced. */
  recycleFor: RecycleReason | undefined;
  /** Moment since which its replacement is there. */
  replacedAt: number | undefined;
  /** Memory after its first calls. */
  firstRssBytes: number | undefined;
  rssBytes: number | undefined;
  cpuMs: number | undefined;
  health: WorkerHealth = "responsive";
  /** What it was doing when it was last found slow with others behind that. */
  suspect: PoolCall | undefined;
  suspectedAt = 0;
  /** Moment of the last sign of life. */
  heardAt = 0;
  /** When it was last asked whether all is well with its libraries. */
  askedAt = 0;
  missedBeats: number | undefined;
  /** Resolves when nothing is left of it. */
  readonly ended: Promise<void>;
  /** Ends that. */
  over: () => void = () => undefined;
  /** Resolves when it says that a signal is about to end it. */
  readonly dying: Promise<NodeJS.Signals>;
  #tellDying: (signal: NodeJS.Signals) => void = () => undefined;

  constructor(init: {
    readonly number: number;
    readonly pool: string;
    readonly crew: Crew;
    readonly now: number;
    readonly capacity: number;
    readonly shortMs: number;
  }) {
    this.number = init.number;
    this.crew = init.crew;
    this.createdAt = init.now;
    this.capacity = init.capacity;
    this.#shortMs = init.shortMs;
    this.operations = new WorkerOperations(init.pool, init.number);
    this.denials = new WorkerDenials(init.pool, init.number);
    this.ended = new Promise((resolve) => {
      this.over = resolve;
    });
    this.dying = new Promise((resolve) => {
      this.#tellDying = resolve;
    });
  }

  /** It has said so. */
  tellDying(signal: NodeJS.Signals): void {
    this.#tellDying(signal);
  }

  get pid(): number {
    return this.launched?.pid ?? 0;
  }

  get isReady(): boolean {
    return this.state.kind === "ready";
  }

  /** Whether it can begin with another call at once. */
  get isFree(): boolean {
    return this.running < this.capacity && this.state.kind === "ready";
  }

  /** Whether nothing is bound to it: no session, no call that only it can do, no live object. */
  get isExpendable(): boolean {
    return this.isUnbound && !this.objects.hasAny();
  }

  /** The same but for live objects. */
  get isUnbound(): boolean {
    return this.sessions.size === 0 && this.line.length === 0;
  }

  /** Whether a short call may be sent behind those that it holds: they are short too, and it goes on with them. */
  hasRoomAhead(now: number, ahead: number): boolean {
    return (
      this.running < this.capacity + ahead &&
      this.#long === 0 &&
      now - this.lastDoneAt < LONG * this.#shortMs &&
      this.state.kind === "ready"
    );
  }

  /** The call that it is doing, if it does one at a time. */
  get front(): PoolCall | undefined {
    let call = this.#first;
    while (call !== undefined && !call.takesPlace) call = call.next;
    return call;
  }

  /** Whether what it does was to be short, and is not. */
  isSlow(now: number): boolean {
    return now - this.lastDoneAt >= LONG * this.#shortMs;
  }

  /** Calls that it has behind the one that it is doing. */
  behind(): PoolCall[] {
    const behind: PoolCall[] = [];
    for (let call = this.front?.next; call !== undefined; call = call.next) behind.push(call);
    return behind;
  }

  /** Takes all calls from it that it did not answer, in the order in which it got them. */
  dropAll(): PoolCall[] {
    const all: PoolCall[] = [];
    for (let call = this.#first; call !== undefined; call = this.#first) {
      all.push(call);
      this.drop(call);
    }
    return all;
  }

  /** It is about to get a call. */
  take(call: PoolCall, now: number): void {
    // The time of what it does next counts from here.
    if (this.running === 0) this.lastDoneAt = now;
    call.previous = this.#last;
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.held += 1;
    call.worker = this;
    call.sentAt = now;
    call.isRecalled = false;
    this.occupy(call);
  }

  /** It is rid of a call. */
  drop(call: PoolCall): void {
    this.vacate(call);
    this.held -= 1;
    if (call.previous === undefined) this.#first = call.next;
    else call.previous.next = call.next;
    if (call.next === undefined) this.#last = call.previous;
    else call.next.previous = call.previous;
    call.next = undefined;
    call.previous = undefined;
  }

  /** A call takes a place, so that others wait for it. */
  occupy(call: PoolCall): void {
    if (call.takesPlace) return;
    call.takesPlace = true;
    call.isLong = !call.pace.isShort;
    if (call.isLong) this.#long += 1;
    this.running += 1;
  }

  /** A call takes no place for now: a stream whose reader is slow. */
  vacate(call: PoolCall): void {
    if (!call.takesPlace) return;
    call.takesPlace = false;
    if (call.isLong) this.#long -= 1;
    this.running -= 1;
  }

  /** It has answered a call. */
  answered(call: PoolCall, now: number): void {
    this.drop(call);
    this.calls += 1;
    call.pace.add(now - Math.max(call.sentAt, this.lastDoneAt));
    this.lastDoneAt = now;
    this.heardAt = now;
  }
}
