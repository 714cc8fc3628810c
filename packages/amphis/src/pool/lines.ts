import type { Crew } from "./crew.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { WaitingLine } from "./waiting-line.ts";

/** All the lines of a pool as one: the common one, those of devices, of single workers and of sessions. */
export class Lines {
  /** Calls that any worker can do. */
  readonly common: WaitingLine<PoolCall> = new WaitingLine();
  #length = 0;

  /** Calls that wait, in whatever line. */
  get length(): number {
    return this.#length;
  }

  /** Calls that every worker of a crew can do. */
  waitingFor(crew: Crew): number {
    return this.common.length + crew.line.length;
  }

  add(call: PoolCall, line: WaitingLine<PoolCall>): void {
    line.add(call);
    this.#length += 1;
  }

  /** Harmless for one that does not wait. */
  leave(call: PoolCall): void {
    if (call.line === undefined) return;
    call.line.remove(call);
    this.#length -= 1;
  }

  take(line: WaitingLine<PoolCall>): PoolCall | undefined {
    const call = line.take();
    if (call !== undefined) this.#length -= 1;
    return call;
  }

  takeAll(line: WaitingLine<PoolCall>): PoolCall[] {
    const all = line.takeAll();
    this.#length -= all.length;
    return all;
  }

  /** The line whose turn it is at a worker; empty when nobody waits for it. */
  next({ line, crew }: PoolWorker): WaitingLine<PoolCall> {
    const shared = earlier(crew.line, this.common);
    return line.length === 0 ? shared : earlier(line, shared);
  }
}

/** The line in which the call waits whose turn comes first. */
function earlier(one: WaitingLine<PoolCall>, other: WaitingLine<PoolCall>): WaitingLine<PoolCall> {
  if (one.length === 0) return other;
  const first = one.peek();
  const second = other.peek();
  if (first === undefined || second === undefined) return first === undefined ? other : one;
  if (first.rank !== second.rank) return first.rank > second.rank ? one : other;
  return first.order < second.order ? one : other;
}
