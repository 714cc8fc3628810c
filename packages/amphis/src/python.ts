import type {
  Python,
  PythonOptions,
  PythonSession,
  PythonSessionInfo,
  PythonSessionOptions,
  PythonStatus,
} from "./python/contract.ts";
import type { SharedMemory } from "./memory/index.ts";
import { findPython } from "./worker/index.ts";
import { Belongings } from "./python/belongings.ts";
import { Calls } from "./python/calls.ts";
import { expectFunction } from "./python/known-options.ts";
import { writeLog } from "./python/log.ts";
import { type LentMemory, openMemory } from "./python/memory.ts";
import { Pools } from "./python/pools.ts";
import { OpenSession, sessionInfo, sessionRequest } from "./python/session.ts";
import { DEFAULT_POOL, poolRequests } from "./python/settings.ts";

/**
 * Opens Python: finds an interpreter, and starts workers in parallel.
 *
 * ```ts
 * await using py = await openPython({ packages: ["numpy"], workers: 4 });
 * const norm = await py.call<number>("numpy.linalg:norm", [[3, 4]]);
 * ```
 *
 * @throws {TypeError | RangeError} for options that there are not, or that make no sense
 * @throws {AmphisError} PYTHON_NOT_FOUND, WORKER_START_FAILED; PYTHON_IMPORT_FAILED for packages that cannot be loaded
 */
export async function openPython(options: PythonOptions = {}): Promise<Python> {
  const requests = poolRequests(options);
  const { onLog = writeLog } = options;
  expectFunction("open Python", "onLog", onLog);
  const { path: python } = await findPython({ python: options.python });
  // In the next turn: Python starts first, and memory is opened meanwhile.
  const lent = Promise.resolve().then(() => openMemory(options.memory));
  const shared = lent.then((memory) => memory.shared);
  shared.catch(() => "told below");
  const opening = Pools.open(requests, { python, memory: shared, onLog });
  const [pools, memory] = await Promise.allSettled([opening, lent]);
  if (pools.status === "rejected" || memory.status === "rejected") {
    if (memory.status === "fulfilled") memory.value.close();
    if (pools.status === "fulfilled") await pools.value.kill();
    // Without memory that was asked for, no pool can be opened either.
    throw memory.status === "rejected" ? memory.reason : (pools as PromiseRejectedResult).reason;
  }
  return new OpenPython(python, pools.value, memory.value);
}

/** The pools of an interpreter, and the memory that they share. */
class OpenPython extends Calls implements Python {
  readonly #python: string;
  readonly #pools: Pools;
  readonly #memory: LentMemory;
  #closed: Promise<void> | undefined;
  #drained: Promise<void> | undefined;

  constructor(python: string, pools: Pools, memory: LentMemory) {
    super({ router: pools });
    this.#python = python;
    this.#pools = pools;
    this.#memory = memory;
  }

  get pools(): readonly string[] {
    return this.#pools.names;
  }

  get memory(): SharedMemory | undefined {
    return this.#memory.shared;
  }

  async session(options: PythonSessionOptions = {}): Promise<PythonSession> {
    const request = sessionRequest(options);
    const { pool = DEFAULT_POOL } = options;
    const session = this.#pools.pool(pool).openSession(request);
    const origin = { router: this.#pools, pool, session };
    const belongings = new Belongings(origin);
    this.#pools.keepFor(session, belongings);
    return new OpenSession(session, origin, belongings);
  }

  sessions(): readonly PythonSessionInfo[] {
    return [...this.#pools.all].flatMap(([name, pool]) =>
      [...pool.sessions].map((session) => sessionInfo(session, name)),
    );
  }

  status(): PythonStatus {
    const pools = [...this.#pools.all].map(([name, pool]) => [name, pool.status()] as const);
    return {
      python: this.#python,
      pools: Object.fromEntries(pools),
      memory: this.#memory.shared?.figures(),
    };
  }

  drain(): Promise<void> {
    return (this.#drained ??= this.#drain());
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    await Promise.all([...this.#pools.all].map(([, pool]) => pool.drain()));
    await this.close();
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([...this.#pools.all].map(([, pool]) => pool.stop()));
    } finally {
      this.#memory.close();
    }
  }
}
