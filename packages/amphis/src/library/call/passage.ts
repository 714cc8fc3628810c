import { AmphisError, isAmphisError } from "@amphis/protocol";

import type { CallOptions } from "../../pool/index.ts";
import type { CallFigures, Work, WorkSink } from "../../worker/index.ts";
import type { HookCall } from "../options.ts";
import { busy } from "./busy.ts";
import { type Follower, keyOf, type ResultStore } from "./cache/index.ts";
import type { CallTarget, Reach } from "./call-target.ts";
import type { FunctionPlan } from "./function-plan.ts";
import { waitForHook } from "./hook-wait.ts";
import { hookedWork, hookFailed, named } from "./hooks/index.ts";
import type { AnswerSource } from "./statistics/index.ts";
import type { Passer } from "./throttle/index.ts";

const NO_ARGS: readonly unknown[] = Object.freeze([]);
const NO_KWARGS: Readonly<Record<string, unknown>> = Object.freeze({});

/** One call of a library, as it came. */
export interface PassageInit {
  readonly plan: FunctionPlan;
  readonly work: Work;
  /** Of a program; a call by name says itself what it calls. */
  readonly reach: Reach | undefined;
  readonly options: CallOptions;
  /** Whether nothing on its way may wait, as its caller blocks. */
  readonly isBlocking: boolean;
  /** Where it is known already, and that nothing is kept under it. */
  readonly key?: string | undefined;
}

/**
 * The way of one call through what its library adds: hooks of TypeScript, results that are kept, its turn, other calls that it travels
 * with, and hooks of Python. What a library does not have is passed over.
 */
export class Passage implements WorkSink, Follower, Passer {
  args: readonly unknown[];
  kwargs: Readonly<Record<string, unknown>> | undefined;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #plan: FunctionPlan;
  readonly #target: CallTarget;
  readonly #sink: WorkSink;
  readonly #reach: Reach | undefined;
  readonly #given: CallOptions;
  readonly #since: number;
  readonly #isBlocking: boolean;
  readonly #missed: string | undefined;
  #options: CallOptions;
  #work: Work;
  /** Under which the result is kept, when this call leads others. */
  #key: string | undefined;
  #generation = 0;
  /** Its name in the store, when its result is to be kept there too. */
  #storeAs: string | undefined;
  #isWithin = false;
  #source: AnswerSource = "python";

  constructor(init: PassageInit, target: CallTarget, sink: WorkSink) {
    const { plan, work, reach, options } = init;
    this.#plan = plan;
    this.#work = work;
    this.#reach = reach;
    this.#given = options;
    this.#options = plan.optionsOf(options);
    this.#isBlocking = init.isBlocking;
    this.#missed = init.key;
    this.#target = target;
    this.#sink = sink;
    const call = reach === undefined ? work : reach.call;
    this.args = call?.args ?? NO_ARGS;
    this.kwargs = call?.kwargs;
    this.timeoutMs = this.#options.timeoutMs;
    this.signal = options.signal;
    this.#since = performance.now();
  }

  begin(): void {
    const { library, statistics } = this.#plan;
    statistics.calls += 1;
    const { setup } = library;
    if (setup === undefined || setup.isDone) this.#before();
    else if (this.#isBlocking) this.#fail(blocked(this.#plan, "its hook setup"));
    else {
      this.#waitFor(
        "setup",
        setup.done(),
        () => this.#before(),
        (error) => this.#fail(error),
      );
    }
  }

  /** Somebody else's call of the same had this result. */
  resolve(value: unknown, figures?: CallFigures): void {
    this.#left();
    if (figures !== undefined) this.#plan.statistics.measured(figures);
    const key = this.#key;
    if (key !== undefined) {
      this.#key = undefined;
      this.#plan.cache?.land(key, this.#generation, value);
      if (this.#storeAs !== undefined) void this.#plan.store?.write(this.#storeAs, value);
    }
    this.#after(value);
  }

  reject(error: unknown): void {
    this.#left();
    this.#fail(error);
  }

  alone(): void {
    this.#source = "python";
    this.#queue();
  }

  pass(waitedMs: number): void {
    this.#isWithin = true;
    this.#plan.statistics.waitedMs += waitedMs;
    if (waitedMs > 0) this.#spend();
    this.#send();
  }

  late(waitedMs: number): void {
    this.#fail(busy(this.#plan, waitedMs));
  }

  /** The pool knows best what to say of a signal. */
  aborted(): void {
    this.#send();
  }

  /** Whether it is one call of a function, and not a chain of several. */
  get #isCall(): boolean {
    return this.#reach === undefined || this.#reach.call !== undefined;
  }

  #before(): void {
    const { before } = this.#plan.library.hooks;
    if (typeof before !== "function" || !this.#isCall) {
      this.#look();
      return;
    }
    try {
      const changed = before(this.#hookCall());
      if (changed instanceof Promise) {
        if (this.#isBlocking) throw blocked(this.#plan, "its hook before");
        this.#waitFor("before", changed, (call) => this.#change(call));
      } else this.#change(changed);
    } catch (error) {
      this.#hookFailed("before", error);
    }
  }

  #change(call: HookCall | undefined): void {
    if (call !== undefined) {
      const { args, kwargs } = call;
      this.args = args;
      this.kwargs = kwargs;
      const work = this.#work;
      this.#work =
        this.#reach === undefined ? { ...work, args, kwargs } : this.#reach.with(args, kwargs);
    }
    this.#look();
  }

  #look(): void {
    const { cache } = this.#plan;
    const { result = "auto" } = this.#work;
    if (cache === undefined || !this.#isCall || (result !== "auto" && result !== "value")) {
      this.#queue();
      return;
    }
    let key = this.#missed ?? keyOf(this.args, this.kwargs);
    if (key === undefined) {
      cache.keyless();
      this.#queue();
      return;
    }
    if (result === "value") key = `!${key}`;
    const kept = this.#missed === undefined ? cache.get(key) : undefined;
    if (kept !== undefined) {
      this.#source = "cache";
      this.#after(kept.value);
      return;
    }
    // Who gives up by itself waits for nobody else.
    const { signal, timeoutMs } = this.#given;
    const isPatient = signal === undefined && timeoutMs === undefined && !this.#isBlocking;
    if (isPatient && cache.follow(key, this)) {
      this.#source = "shared";
      return;
    }
    this.#generation = cache.lead(key);
    this.#key = key;
    const { store } = this.#plan;
    if (store === undefined || this.#isBlocking) this.#queue();
    else this.#lookInStore(store, key).catch((error: unknown) => this.reject(error));
  }

  async #lookInStore(store: ResultStore, key: string): Promise<void> {
    const { library, member, cache } = this.#plan;
    const version = await library.version();
    if (version !== undefined) {
      const name = `${library.name}:${member} ${version} ${key}`;
      const stored = await store.read(name);
      if (stored !== undefined) {
        this.#source = "cache";
        cache?.found();
        this.resolve(stored.value);
        return;
      }
      this.#storeAs = name;
    }
    this.#queue();
  }

  #queue(): void {
    const { batcher, library, member } = this.#plan;
    const { gate } = library;
    if (this.#isBlocking) {
      if (gate?.tryEnter() === false) this.#fail(blocked(this.#plan, "its turn"));
      else this.#sendWithin(gate !== undefined);
      return;
    }
    const isPlain = this.#isCall && this.#work.result === undefined;
    if (batcher !== undefined && isPlain && batcher.take(this, this.#options)) {
      this.#source = "batch";
    } else if (gate === undefined) this.#send();
    else gate.enter(member, this);
  }

  #sendWithin(isWithin: boolean): void {
    this.#isWithin = isWithin;
    this.#send();
  }

  #send(): void {
    const { library, statistics } = this.#plan;
    const { callHooks } = library;
    let work = this.#work;
    if (callHooks !== undefined && this.#isCall) {
      const { args, kwargs = NO_KWARGS } = this;
      work = hookedWork(callHooks, this.#plan, { work, args, kwargs });
    }
    if (statistics.isMeasured()) work = { ...work, timed: true };
    this.#target.submit(work, this.#options, this);
  }

  #after(value: unknown): void {
    const { after } = this.#plan.library.hooks;
    if (typeof after !== "function" || !this.#isCall) {
      this.#deliver(value);
      return;
    }
    try {
      const result = after(value, this.#hookCall());
      if (result instanceof Promise) {
        if (this.#isBlocking) throw blocked(this.#plan, "its hook after");
        this.#waitFor("after", result, (last: unknown) => this.#deliver(last));
      } else this.#deliver(result);
    } catch (error) {
      this.#hookFailed("after", error);
    }
  }

  #deliver(value: unknown): void {
    const tookMs = performance.now() - this.#since;
    const { library, statistics, member } = this.#plan;
    if (this.#source !== "cache") statistics.done(tookMs, false);
    if (library.trace?.isHeard(member) === true) {
      library.trace.resolved(this.#traced(tookMs), value);
    }
    this.#sink.resolve(value);
  }

  /** The time of a call is also that of the hooks on its way. */
  #waitFor<T>(
    hook: "setup" | "before" | "after",
    promise: Promise<T>,
    done: (value: T) => void,
    failed = (error: unknown): void => this.#hookFailed(hook, error),
  ): void {
    const { timeoutMs, signal } = this;
    const leftMs =
      timeoutMs === undefined ? undefined : timeoutMs - (performance.now() - this.#since);
    waitForHook(
      promise,
      { leftMs, signal },
      {
        done: (value) => {
          this.#spend();
          done(value);
        },
        failed,
        late: () => this.#hookFailed(hook, new Error(`it was not done within ${timeoutMs} ms`)),
        aborted: (reason) => {
          if (hook === "after") this.#hookFailed(hook, reason);
          else this.aborted();
        },
      },
    );
  }

  /** What hooks took is not there for the call. */
  #spend(): void {
    const { timeoutMs } = this.#options;
    if (timeoutMs === undefined || this.timeoutMs === undefined) return;
    const leftMs = Math.max(0, this.timeoutMs - (performance.now() - this.#since));
    this.#options = { ...this.#options, timeoutMs: leftMs };
  }

  #hookFailed(hook: "setup" | "before" | "after", thrown: unknown): void {
    const { library, member } = this.#plan;
    if (isAmphisError(thrown, "SYNC_IMPOSSIBLE")) {
      this.#fail(thrown);
      return;
    }
    this.#fail(hookFailed({ library: library.name, hook, function: member }, thrown));
  }

  #fail(thrown: unknown): void {
    const { library, statistics, member, cache } = this.#plan;
    const key = this.#key;
    if (key !== undefined) {
      this.#key = undefined;
      cache?.fail(key);
    }
    const error = named(thrown, member, (pid) => library.unusable(pid));
    const tookMs = performance.now() - this.#since;
    statistics.done(tookMs, true);
    if (library.trace?.isHeard(member) === true) {
      library.trace.rejected(this.#traced(tookMs), error);
    }
    this.#sink.reject(error);
  }

  #left(): void {
    if (!this.#isWithin) return;
    this.#isWithin = false;
    this.#plan.library.gate?.leave();
  }

  #hookCall(): HookCall {
    const { library, member } = this.#plan;
    return { library: library.name, function: member, args: this.args, kwargs: this.kwargs ?? {} };
  }

  #traced(durationMs: number) {
    const { library, member } = this.#plan;
    const { args, kwargs } = this;
    return {
      library: library.name,
      function: member,
      args,
      kwargs,
      durationMs,
      source: this.#source,
    };
  }
}

function blocked({ library, member }: FunctionPlan, on: string): AmphisError<"SYNC_IMPOSSIBLE"> {
  const reason = `${member} of ${library.name} has to wait for ${on}`;
  return new AmphisError("SYNC_IMPOSSIBLE", `Cannot make blocking call: ${reason}`, { reason });
}
