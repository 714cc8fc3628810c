import { LRUCache } from "lru-cache";

import type { PureFunctionOptions } from "../../options.ts";
import { copyKept, copyResult } from "./copy.ts";

/** How results of one function are kept, complete. */
export interface CacheLimits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What a cache did, and what it holds. */
export interface CacheFigures {
  /** Answered from what was kept. */
  readonly hits: number;
  /** Of Python, as nothing was kept. */
  readonly misses: number;
  /** Answered together with a call of the same arguments that was in progress. */
  readonly shared: number;
  /** Whose arguments or results cannot be kept. */
  readonly unkept: number;
  /** Part of the calls that Python was not asked for, 0 to 1. */
  readonly hitRate: number;
  readonly entries: number;
  /** Roughly. */
  readonly bytes: number;
}

const DEFAULT_ENTRIES = 1_000;
const DEFAULT_BYTES = 64 * 1024 * 1024;

export function cacheLimits(options: PureFunctionOptions): CacheLimits {
  const { ttlMs = Infinity, maxEntries = DEFAULT_ENTRIES, maxBytes = DEFAULT_BYTES } = options;
  return { ttlMs, maxEntries, maxBytes };
}

/** Who waits for the result of somebody else's call. */
export interface Follower {
  resolve(value: unknown): void;
  /** The call failed, or its result is not to be shared: each has to make its own. */
  alone(): void;
}

/** What is kept: never what a caller has. */
interface Kept {
  readonly value: unknown;
}

/**
 * Results of one function by the keys of arguments.
 *
 * What goes in and what comes out is copied, so a caller may do with a result what it likes. Calls with the same arguments at a time are one
 * call of Python. Only values are kept: no live objects, no errors.
 */
export class ResultCache {
  #limits: CacheLimits;
  #kept: LRUCache<string, Kept> | undefined;
  readonly #flights = new Map<string, Follower[]>();
  /** Changes when what is in progress is not to be kept any more. */
  #generation = 0;
  #hits = 0;
  #misses = 0;
  #shared = 0;
  #unkept = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
    this.#kept = keptOf(limits);
  }

  /** What was kept, as a copy of its own. */
  get(key: string): Kept | undefined {
    const kept = this.#kept?.get(key);
    if (kept === undefined) return undefined;
    this.#hits += 1;
    const { value } = kept;
    return typeof value === "object" && value !== null ? { value: copyKept(value) } : kept;
  }

  /** Waits for a call with the same arguments, if there is one. */
  follow(key: string, follower: Follower): boolean {
    const followers = this.#flights.get(key);
    if (followers === undefined) return false;
    followers.push(follower);
    return true;
  }

  /** Leads those that come with the same arguments. @returns what `land` wants to know */
  lead(key: string): number {
    this.#misses += 1;
    this.#flights.set(key, []);
    return this.#generation;
  }

  /** A call that led found its result where an earlier program had kept it. */
  found(): void {
    this.#misses -= 1;
    this.#hits += 1;
  }

  /** A call that led has its result. */
  land(key: string, generation: number, value: unknown): void {
    const followers = this.#end(key);
    const isCurrent = generation === this.#generation;
    const copied = copyResult(value);
    if (copied === undefined) {
      this.#unkept += 1;
      for (const follower of followers) follower.alone();
      return;
    }
    if (isCurrent) this.#keep(key, copied.value, copied.bytes);
    for (const follower of followers) {
      this.#shared += 1;
      follower.resolve(copyKept(copied.value));
    }
  }

  /** A call that led failed: what it failed with may be its own matter, so the others make calls of their own. */
  fail(key: string): void {
    for (const follower of this.#end(key)) follower.alone();
  }

  /** Its arguments have no key. */
  keyless(): void {
    this.#unkept += 1;
  }

  /** Forgets what was kept, all of it or what is meant. What is in progress is not kept. @returns how many results */
  clear(isMeant?: (key: string) => boolean): number {
    this.#generation += 1;
    const kept = this.#kept;
    if (kept === undefined) return 0;
    const keys = [...kept.keys()].filter((key) => isMeant?.(key) ?? true);
    for (const key of keys) kept.delete(key);
    return keys.length;
  }

  /** Other limits from now on; what is kept stays, as far as they allow. */
  limit(limits: CacheLimits): void {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return;
    const old = this.#kept;
    this.#limits = limits;
    this.#kept = keptOf(limits);
    if (old === undefined || limits.ttlMs !== Infinity) return;
    for (const [key, { value }] of [...old.entries()].toReversed()) {
      this.#keep(key, value, copyResult(value)?.bytes ?? 1);
    }
  }

  figures(): CacheFigures {
    const asked = this.#hits + this.#shared + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      shared: this.#shared,
      unkept: this.#unkept,
      hitRate: asked === 0 ? 0 : (this.#hits + this.#shared) / asked,
      entries: this.#kept?.size ?? 0,
      bytes: this.#kept?.calculatedSize ?? 0,
    };
  }

  #keep(key: string, value: unknown, bytes: number): void {
    this.#kept?.set(key, { value }, { size: Math.max(1, Math.ceil(bytes) + 2 * key.length) });
  }

  #end(key: string): readonly Follower[] {
    const followers = this.#flights.get(key) ?? [];
    this.#flights.delete(key);
    return followers;
  }
}

/** Nothing is kept where nothing may be. */
function keptOf({ ttlMs, maxEntries, maxBytes }: CacheLimits): LRUCache<string, Kept> | undefined {
  if (maxEntries < 1 || maxBytes < 1 || ttlMs <= 0) return undefined;
  const base = { max: maxEntries, maxSize: maxBytes };
  // Kept with a moment only where there is one: that costs a clock at each look.
  if (ttlMs === Infinity) return new LRUCache(base);
  return new LRUCache({ ...base, ttl: Math.max(1, Math.floor(ttlMs)) });
}
