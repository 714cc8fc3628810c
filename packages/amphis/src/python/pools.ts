import { AmphisError, nearNames } from "@amphis/protocol";

import { type CallOptions, type PoolOptions, type Session, WorkerPool } from "../pool/index.ts";
import type { Work, WorkSink } from "../worker/index.ts";
import { type Belongings, OwningSink } from "./belongings.ts";
import type { PythonLog } from "./contract.ts";
import { pyObjectOf, remoteOf } from "./live.ts";
import type { Router } from "./origin.ts";
import { DEFAULT_POOL, type PoolRequest } from "./settings.ts";

/** What all pools of one Python have in common. */
export interface PoolsInit extends Pick<PoolOptions, "memory"> {
  /** The interpreter of a pool. */
  readonly pythonOf: (pool: string) => string;
  readonly onLog: (entry: PythonLog) => void;
  /** Makes what calls pass before they come to the pools. @default nothing */
  readonly front?: ((pools: Pools) => Router) | undefined;
}

/** The pools of one Python, by name. */
export class Pools implements Router {
  /** Where calls go: here, or to what stands in front. */
  readonly router: Router;
  readonly #pools = new Map<string, WorkerPool>();
  readonly #sessions = new WeakMap<Session, Belongings>();

  private constructor(front: PoolsInit["front"]) {
    this.router = front?.(this) ?? this;
  }

  /** Opens all of them at once; when one cannot be opened, none stays open. */
  static async open(requests: readonly PoolRequest[], init: PoolsInit): Promise<Pools> {
    const pools = new Pools(init.front);
    const opening = requests.map((request) => pools.#open(request, init));
    const outcomes = await Promise.allSettled(opening);
    for (const [index, outcome] of outcomes.entries()) {
      const name = requests[index]?.name ?? DEFAULT_POOL;
      if (outcome.status === "fulfilled") pools.#pools.set(name, outcome.value);
    }
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed === undefined) return pools;
    await pools.kill();
    throw failed.reason;
  }

  /** Ends all of them at once. */
  async kill(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.kill()));
  }

  #open(request: PoolRequest, { pythonOf, memory, onLog }: PoolsInit): Promise<WorkerPool> {
    const { name: pool } = request;
    const origin = { router: this.router, pool };
    return WorkerPool.open({
      ...request,
      python: pythonOf(pool),
      // Who has a part of it can reach all of it: what is in a sandbox has none.
      memory: request.isolation === "sandboxed" ? undefined : memory,
      wrap: (remote) => pyObjectOf(remote, origin),
      unwrap: remoteOf,
      onLog: (entry, worker) => onLog({ ...entry, pool, worker }),
    });
  }

  get names(): readonly string[] {
    return [...this.#pools.keys()];
  }

  get all(): Iterable<readonly [string, WorkerPool]> {
    return this.#pools;
  }

  /** What is made in a session is kept track of. */
  keepFor(session: Session, belongings: Belongings): void {
    this.#sessions.set(session, belongings);
  }

  /** @throws {AmphisError} POOL_UNKNOWN */
  pool(name: string | undefined): WorkerPool {
    const wanted = name ?? DEFAULT_POOL;
    const pool = this.#pools.get(wanted);
    if (pool !== undefined) return pool;
    const suggestions = nearNames(wanted, this.names);
    const hint = suggestions.length > 0 ? suggestions.join(", ") : this.names.join(", ");
    throw new AmphisError(
      "POOL_UNKNOWN",
      `Cannot make call: there is no pool ${JSON.stringify(wanted)}, but ${hint}`,
      { pool: wanted, suggestions },
    );
  }

  submit(work: Work, options: CallOptions, sink: WorkSink): void {
    const { session } = options;
    const owning = session === undefined ? sink : this.#owning(session, sink);
    this.pool(options.pool).submit(work, options, owning);
  }

  submitSync(work: Work, options: CallOptions): unknown {
    const value = this.pool(options.pool).submitSync(work, options);
    if (options.session !== undefined) this.#sessions.get(options.session)?.add(value);
    return value;
  }

  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown> {
    const items = this.pool(options.pool).stream(work, options);
    const belongings = options.session && this.#sessions.get(options.session);
    return belongings === undefined ? items : belongings.taking(items);
  }

  #owning(session: Session, sink: WorkSink): WorkSink {
    const belongings = this.#sessions.get(session);
    return belongings === undefined ? sink : new OwningSink(sink, belongings);
  }
}
