import type { CallOptions } from "../../pool/index.ts";
import type { Batcher } from "./batch/index.ts";
import type { ResultCache, ResultStore } from "./cache/index.ts";
import type { OpenLibrary } from "./open-library.ts";
import { FunctionStatistics } from "./statistics/index.ts";

/** What holds for one function of a library, found once. */
export class FunctionPlan {
  readonly library: OpenLibrary;
  /** Dotted name within the library; of a longer chain, the chain. */
  readonly member: string;
  /** What workers call it: `module:attribute`. */
  readonly target: string;
  /** Whether the configuration lets it be used. */
  readonly isAllowed: boolean;
  readonly statistics: FunctionStatistics;
  /** Of a pure function. */
  cache: ResultCache | undefined;
  /** Of a pure function whose results are kept in files too. */
  store: ResultStore | undefined;
  batcher: Batcher | undefined;
  /** Options of calls that say nothing themselves. */
  #plain: CallOptions | undefined;

  constructor(
    library: OpenLibrary,
    member: string,
    target: string,
    statistics: FunctionStatistics = new FunctionStatistics(member),
  ) {
    this.library = library;
    this.member = member;
    this.target = target;
    this.isAllowed = library.members.isAllowed(member);
    this.statistics = statistics;
  }

  /** Whether its library counts its calls, and adds nothing else. */
  get isPlain(): boolean {
    return this.cache === undefined && this.batcher === undefined && this.library.isPlain;
  }

  /** Options of a call, with what the library says where they say nothing. */
  optionsOf(given: CallOptions): CallOptions {
    const { pool, timeoutMs } = this.library;
    if (pool === undefined && timeoutMs === undefined && this.cache === undefined) return given;
    for (const _ in given) return this.#joined(given);
    return (this.#plain ??= this.#joined(given));
  }

  #joined(given: CallOptions): CallOptions {
    const { pool, timeoutMs } = this.library;
    const isFree = given.session === undefined && given.pool === undefined;
    return {
      ...given,
      pool: isFree ? pool : given.pool,
      timeoutMs: given.timeoutMs ?? timeoutMs,
      // What depends on nothing and changes nothing may be done twice.
      idempotent: given.idempotent ?? (this.cache === undefined ? undefined : true),
    };
  }
}
