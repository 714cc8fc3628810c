import { join } from "node:path";

import type { CallOptions } from "../../pool/index.ts";
import type { Work } from "../../worker/index.ts";
import type {
  BatchingOptions,
  HookContext,
  LibraryHooks,
  LibraryOptions,
  PureFunctionOptions,
} from "../options.ts";
import { Batcher } from "./batch/index.ts";
import { cacheLimits, ResultCache, ResultStore } from "./cache/index.ts";
import { textHash } from "./cache/content-hash.ts";
import type { CallTarget } from "./call-target.ts";
import { FunctionPlan } from "./function-plan.ts";
import {
  AROUND,
  type CallHooks,
  callHooks,
  hookFailed,
  type HookPlace,
  Once,
} from "./hooks/index.ts";
import { Members } from "./members.ts";
import { lastMatch } from "./pattern.ts";
import { type FunctionFigures, Trace } from "./statistics/index.ts";
import { Gate } from "./throttle/index.ts";

/** Chains are named by whoever makes them; so many are told apart. */
const MOST_PLANS = 10_000;

/** How a library was called. */
export interface LibraryFigures {
  readonly library: string;
  readonly module: string;
  readonly pool: string;
  /** Calls that wait for their turn at the library. */
  readonly waiting: number;
  /** The functions that were called. */
  readonly functions: readonly FunctionFigures[];
}

/** Replaces workers, for what a library needs. */
export type Renew = (pool: string, pid?: number) => void;

/** A configured library while Python is open. */
export class OpenLibrary {
  readonly name: string;
  readonly module: string;
  readonly setup: Once | undefined;
  members: Members;
  gate: Gate | undefined;
  trace: Trace | undefined;
  /** Run in Python, around each call. */
  callHooks: CallHooks | undefined;
  readonly #target: CallTarget;
  readonly #renew: Renew;
  #isQuick = true;
  #options: LibraryOptions;
  #pureOf: (name: string) => boolean | PureFunctionOptions | undefined;
  #batchingOf: (name: string) => BatchingOptions | undefined;
  #plans = new Map<string, FunctionPlan>();
  #health: NodeJS.Timeout | undefined;
  #version: Promise<string | undefined> | undefined;

  constructor(name: string, options: LibraryOptions, host: LibraryHost) {
    this.name = name;
    this.module = options.module ?? name;
    this.#target = host.target;
    this.#renew = host.renew;
    this.#options = options;
    this.members = new Members(options);
    this.#pureOf = lastMatch(options.pure ?? {});
    this.#batchingOf = lastMatch(options.batching ?? {});
    const { setup } = options.hooks ?? {};
    this.setup = typeof setup === "function" ? new Once(() => this.#setUp(setup)) : undefined;
    this.#apply(options);
    this.#watchHealth();
  }

  get hooks(): LibraryHooks {
    return this.#options.hooks ?? {};
  }

  /** Where its calls go that name no other pool. */
  get pool(): string | undefined {
    return this.#options.pool;
  }

  get timeoutMs(): number | undefined {
    return this.#options.timeoutMs;
  }

  /** Whether there is nothing that all its calls have to pass. */
  get isPlain(): boolean {
    return this.gate === undefined && this.callHooks === undefined && this.isQuick;
  }

  /** Whether nobody wants to see its calls before what was kept is looked for, or behind that. */
  get isQuick(): boolean {
    return this.#isQuick && (this.setup === undefined || this.setup.isDone);
  }

  /** What holds for a function, or for a longer chain by what it does. */
  plan(member: string, target: string): FunctionPlan {
    const known = this.#plans.get(member);
    if (known !== undefined) return known;
    if (this.#plans.size >= MOST_PLANS) this.#plans.clear();
    const plan = new FunctionPlan(this, member, target);
    this.#equip(plan);
    this.#plans.set(member, plan);
    return plan;
  }

  /**
   * What results are of beside function and arguments: versions of the library and of Python. Undefined where that cannot be told.
   */
  version(): Promise<string | undefined> {
    const { package: own = this.name } = this.#options;
    const name = `${AROUND}:version`;
    this.#version ??= this.#call({
      kind: "call",
      name,
      function: name,
      args: [this.module, own],
    }).then(
      (version) => (typeof version === "string" ? version : undefined),
      () => undefined,
    );
    return this.#version;
  }

  /** A worker could not set the library up, and is of no use to it. */
  unusable(pid: number): void {
    this.#renew(this.#poolName, pid);
  }

  /** Other options from now on, as far as they can change. */
  change(options: LibraryOptions): void {
    const { before, after } = options.hooks ?? {};
    const hooks = { ...this.hooks, before, after };
    const { include, exclude, pure, concurrency, rateLimit, batching, trace, timeoutMs } = options;
    const changing = { include, exclude, pure, concurrency, rateLimit, batching, trace, timeoutMs };
    this.#options = { ...this.#options, ...changing, hooks };
    this.members = new Members(this.#options);
    this.#pureOf = lastMatch(pure ?? {});
    this.#batchingOf = lastMatch(batching ?? {});
    this.#apply(this.#options);
    const old = this.#plans;
    this.#plans = new Map();
    for (const [member, { target, statistics, cache }] of old) {
      const plan = new FunctionPlan(this, member, target, statistics);
      plan.cache = cache;
      this.#equip(plan);
      this.#plans.set(member, plan);
    }
  }

  /** Forgets results. @returns how many */
  forget(isMeant: (member: string) => boolean): number {
    let count = 0;
    for (const [member, { cache, store }] of this.#plans) {
      if (cache === undefined || !isMeant(member)) continue;
      count += cache.clear();
      store?.clear();
    }
    return count;
  }

  figures(): LibraryFigures {
    const functions = [...this.#plans.values()].filter(({ statistics }) => statistics.calls > 0);
    return {
      library: this.name,
      module: this.module,
      pool: this.#poolName,
      waiting: this.gate?.waiting ?? 0,
      functions: functions.map(({ statistics, cache }) => statistics.figures(cache?.figures())),
    };
  }

  /** It is about to be loaded anew, maybe in another version. */
  async unload(): Promise<void> {
    for (const { cache } of this.#plans.values()) cache?.clear();
    this.#version = undefined;
    await this.#tearDown();
    this.setup?.again();
  }

  /** Runs the hook of TypeScript for its end, if it was used. */
  async tearDown(): Promise<void> {
    clearInterval(this.#health);
    await this.#tearDown();
  }

  async #tearDown(): Promise<void> {
    const { teardown } = this.hooks;
    const isUsed = this.setup === undefined ? this.#plans.size > 0 : this.setup.isDone;
    if (typeof teardown !== "function" || !isUsed) return;
    await this.#run("teardown", () => teardown(this.#context()));
  }

  get #poolName(): string {
    return this.pool ?? "default";
  }

  #apply({ concurrency, rateLimit, trace, hooks = {} }: LibraryOptions): void {
    const limits = { concurrency, rateLimit };
    const isLimited = concurrency !== undefined || rateLimit !== undefined;
    if (this.gate !== undefined) this.gate.limit(limits);
    else if (isLimited) this.gate = new Gate(limits);
    this.trace =
      trace === undefined || trace === false ? undefined : new Trace(trace === true ? {} : trace);
    this.callHooks = callHooks(this.name, hooks);
    const isSeen = typeof hooks.before === "function" || typeof hooks.after === "function";
    this.#isQuick = !isSeen && this.trace === undefined;
  }

  #equip(plan: FunctionPlan): void {
    const pure = this.#pureOf(plan.member);
    if (pure === undefined || pure === false) plan.cache = undefined;
    else {
      const limits = cacheLimits(pure === true ? {} : pure);
      if (plan.cache === undefined) plan.cache = new ResultCache(limits);
      else plan.cache.limit(limits);
      const { folder } = pure === true ? {} : (pure as PureFunctionOptions);
      plan.store =
        folder === undefined
          ? undefined
          : new ResultStore(placeOf(folder, this.name, plan), limits);
    }
    const batching = this.#batchingOf(plan.member);
    if (batching !== undefined) plan.batcher = new Batcher(plan, batching, this.#target);
  }

  async #setUp(setup: Exclude<NonNullable<LibraryHooks["setup"]>, string>): Promise<void> {
    await this.#run("setup", () => setup(this.#context()));
  }

  async #run<T>(hook: HookPlace["hook"], act: () => T | Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw hookFailed({ library: this.name, hook, function: "*" }, error);
    }
  }

  #context(): HookContext {
    return {
      library: this.name,
      pool: this.#poolName,
      call: (name, args = []) => this.#call({ kind: "call", name, function: name, args }),
    };
  }

  #call(work: Work): Promise<unknown> {
    const options: CallOptions = this.pool === undefined ? {} : { pool: this.pool };
    return new Promise((resolve, reject) => {
      this.#target.submit(work, options, { resolve, reject });
    });
  }

  #watchHealth(): void {
    const { health, healthEveryMs = 30_000 } = this.hooks;
    if (typeof health !== "function") return;
    const look = async (): Promise<void> => {
      const isUsed = this.#plans.size > 0;
      if (!isUsed) return;
      let isHealthy = false;
      try {
        isHealthy = (await health(this.#context())) !== false;
      } catch {
        // As if it had said so.
      }
      if (!isHealthy) this.#renew(this.#poolName);
    };
    this.#health = setInterval(() => void look(), Math.min(healthEveryMs, 0x7fff_ffff));
    this.#health.unref();
  }
}

/** Folder of one function within the folder of results; names of functions are not always names of files. */
function placeOf(folder: string, library: string, { member }: FunctionPlan): string {
  return join(folder, textHash(`${library}:${member}`).slice(0, 32));
}

/** What libraries need of their Python. */
export interface LibraryHost {
  readonly target: CallTarget;
  readonly renew: Renew;
}
