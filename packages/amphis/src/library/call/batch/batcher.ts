import type { CallOptions } from "../../../pool/index.ts";
import type { WorkSink } from "../../../worker/index.ts";
import type { BatchingOptions } from "../../options.ts";
import type { CallTarget } from "../call-target.ts";
import type { FunctionPlan } from "../function-plan.ts";
import { busy } from "../busy.ts";
import type { Passer } from "../throttle/index.ts";
import { BatchSink } from "./batch-sink.ts";
import { batchWork } from "./batch-work.ts";

/** A call that may travel with others. */
export interface Batched extends WorkSink {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
}

const MOST_CALLS = 64;

/** Calls of one function on their way, put together where they are made the same way. */
export class Batcher {
  readonly #plan: FunctionPlan;
  readonly #target: CallTarget;
  readonly #options: BatchingOptions;
  readonly #groups = new Map<string, Group>();

  constructor(plan: FunctionPlan, options: BatchingOptions, target: CallTarget) {
    this.#plan = plan;
    this.#options = options;
    this.#target = target;
  }

  /** Takes a call along, unless it has to be made alone: in a session, with a signal, or in a form that the function does not take. */
  take(call: Batched, options: CallOptions): boolean {
    const { session, signal, pool, device, priority, timeoutMs } = options;
    if (session !== undefined || signal !== undefined) return false;
    if (this.#options.function !== undefined && hasAny(call.kwargs)) return false;
    const { maxCalls = MOST_CALLS, waitMs = 0 } = this.#options;
    const key = `${pool}|${device}|${priority}|${timeoutMs}|${options.idempotent}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new Group(options, waitMs, () => this.#send(key));
      this.#groups.set(key, group);
    }
    group.calls.push(call);
    if (group.calls.length >= maxCalls) this.#send(key);
    return true;
  }

  #send(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    group.cancel();
    const { gate } = this.#plan.library;
    const leave = gate === undefined ? undefined : () => gate.leave();
    const go = (): void => this.#go(group, leave);
    if (gate === undefined) go();
    else gate.enter(this.#plan.member, this.#passer(group, go));
  }

  #passer({ calls, options }: Group, pass: () => void): Passer {
    return {
      timeoutMs: options.timeoutMs,
      signal: undefined,
      pass,
      late: (waitedMs) => {
        const error = busy(this.#plan, waitedMs);
        for (const call of calls) call.reject(error);
      },
      aborted: () => undefined,
    };
  }

  #go({ calls, options }: Group, leave: (() => void) | undefined): void {
    const { library, member, statistics } = this.#plan;
    if (calls.length > 1) statistics.batched += calls.length;
    const { function: many } = this.#options;
    const isOwn = many !== undefined && library.callHooks === undefined;
    const work = batchWork(this.#plan, many, calls);
    const sink = new BatchSink({ library: library.name, member, calls, isOwn, leave });
    this.#target.submit(work, options, sink);
  }
}

function hasAny(kwargs: Batched["kwargs"]): boolean {
  return kwargs !== undefined && Object.keys(kwargs).length > 0;
}

/** Calls that are about to be sent together. */
class Group {
  readonly calls: Batched[] = [];
  readonly options: CallOptions;
  readonly cancel: () => void;

  constructor(options: CallOptions, waitMs: number, send: () => void) {
    this.options = options;
    if (waitMs === 0) {
      const turn = setImmediate(send);
      this.cancel = () => clearImmediate(turn);
    } else {
      const timer = setTimeout(send, Math.min(waitMs, 0x7fff_ffff));
      this.cancel = () => clearTimeout(timer);
    }
  }
}
