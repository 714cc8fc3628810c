import { type Conversation, RemoteObject, type Work } from "../worker/index.ts";
import { handleElsewhere, handleGone } from "./call-errors.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** Elements of one array or object that are looked at before a call is sent; the conversation finds the others. */
const FEW = 16;
const DEPTH = 4;

/** Finds which worker holds the live objects that work is about. */
export class Homes {
  readonly #workers = new WeakMap<Conversation, PoolWorker>();
  readonly #unwrap: ((thing: object) => RemoteObject | undefined) | undefined;

  constructor(unwrap: ((thing: object) => RemoteObject | undefined) | undefined) {
    this.#unwrap = unwrap;
  }

  add(conversation: Conversation, worker: PoolWorker): void {
    this.#workers.set(conversation, worker);
  }

  workerOf(conversation: Conversation): PoolWorker | undefined {
    return this.#workers.get(conversation);
  }

  /** The live object that a value is, or stands for. */
  remoteOf(value: unknown): RemoteObject | undefined {
    if (value instanceof RemoteObject) return value;
    const isThing = typeof value === "function" || (typeof value === "object" && value !== null);
    return isThing ? this.#unwrap?.(value) : undefined;
  }

  /**
   * The worker that has to do the work, if there is one.
   *
   * @param isThorough looks at everything, however much it is
   * @throws {AmphisError} HANDLE_GONE when that worker has ended; HANDLE_ELSEWHERE when it is none of this pool
   */
  of(work: Work, isThorough = false): PoolWorker | undefined {
    const remote = this.objectIn(work, isThorough);
    if (remote === undefined) return undefined;
    const worker = this.#workers.get(remote.conversation);
    // One that is ending takes the call along, so that it learns how the worker died.
    if (worker !== undefined && worker.state.kind !== "ended") return worker;
    if (remote.isReleased) throw handleGone(remote, "it was released");
    const isOver = worker !== undefined || remote.conversation.isEnded;
    throw isOver ? handleGone(remote, "its worker has ended") : handleElsewhere(remote);
  }

  /** The first live object in the work. */
  objectIn({ args, kwargs, steps }: Work, isThorough = false): RemoteObject | undefined {
    const most = isThorough ? Infinity : FEW;
    return (
      this.#find(steps, most, DEPTH) ??
      this.#find(args, most, DEPTH) ??
      this.#find(kwargs, most, DEPTH)
    );
  }

  #find(value: unknown, most: number, depth: number): RemoteObject | undefined {
    const remote = this.remoteOf(value);
    if (remote !== undefined || depth === 0) return remote;
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value)) return this.#among(value, most, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (value instanceof Map) return this.#among([...value.values()], most, depth);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    return this.#among(Object.values(value), most, depth);
  }

  #among(values: readonly unknown[], most: number, depth: number): RemoteObject | undefined {
    const end = Math.min(values.length, most);
    for (let at = 0; at < end; at += 1) {
      const remote = this.#find(values[at], most, depth - 1);
      if (remote !== undefined) return remote;
    }
    return undefined;
  }
}
