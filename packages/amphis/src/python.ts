import type {
  Python,
  PythonEnvironment,
  PythonOptions,
  PythonSession,
  PythonSessionInfo,
  PythonSessionOptions,
  PythonStatus,
} from "./python/contract.ts";
import type { LoadedConfig } from "./config/index.ts";
import type { ForgetOptions, LibraryCalls, LibraryFigures } from "./library/index.ts";
import type { SharedMemory } from "./memory/index.ts";
import { expectPoolOptions } from "./pool/index.ts";
import { expectConfiguredApproved } from "./python/approvals.ts";
import { Belongings } from "./python/belongings.ts";
import { Calls } from "./python/calls.ts";
import { callChecks } from "./python/checks.ts";
import { configured } from "./python/configured.ts";
import { type Interpreters, openInterpreters } from "./python/interpreters.ts";
import { expectText } from "./python/known-options.ts";
import { writeLog } from "./python/log.ts";
import { isolated } from "./python/isolation.ts";
import { type LentMemory, openMemory } from "./python/memory.ts";
import type { ModuleNames } from "./python/origin.ts";
import { follow, type Libraries, libraryParts, noLibraries } from "./python/libraries.ts";
import { Pools } from "./python/pools.ts";
import { expectForget } from "./python/forget-options.ts";
import { OpenSession, sessionInfo, sessionRequest } from "./python/session.ts";
import { DEFAULT_POOL, poolRequests, withPreloads } from "./python/settings.ts";

/**
 * Opens Python: finds an interpreter, and starts workers in parallel.
 *
 * ```ts
 * await using py = await openPython({ packages: ["numpy"], workers: 4 });
 * const norm = await py.call<number>("numpy.linalg:norm", [[3, 4]]);
 * ```
 *
 * Libraries that the configuration of the project names with a package or a version are installed first, where they are not yet.
 *
 * Options win over environment variables that begin with `AMPHIS__`, and those over the configuration file of the project, if it has one.
 *
 * @throws {TypeError | RangeError} for options that there are not, or that make no sense
 * @throws {AmphisError} CONFIG_INVALID for a configuration file with mistakes; PYTHON_NOT_FOUND, WORKER_START_FAILED; PYTHON_IMPORT_FAILED for packages that cannot be loaded;
 *   ENVIRONMENT_CONFLICT and others of `openEnvironment` for an environment that cannot be opened
 */
export async function openPython(options: PythonOptions = {}): Promise<Python> {
  const joined = configured(options);
  const { config, modules, preloads, ...rest } = joined instanceof Promise ? await joined : joined;
  const asked = isolated(withPreloads(poolRequests(rest.options), preloads), config?.config);
  for (const request of asked) expectPoolOptions(request);
  const { onLog = writeLog } = options;
  const { requests, front, startFailure } = await libraryParts(asked, config?.config ?? {});
  let libraries: LibraryCalls | undefined;
  const names = requests.map(({ name }) => name);
  const interpreters = await openInterpreters(rest.options, names, rest.environments);
  await expectConfiguredApproved(config, interpreters.of, requests);
  const checks = await callChecks(options.checks, requests, modules, interpreters.of(DEFAULT_POOL));
  const change = (wanted: Libraries): void => libraries?.change(wanted);
  const watch = options.watch === true ? await follow(config, names, change) : undefined;
  // In the next turn: Python starts first, and memory is opened meanwhile.
  const lent = Promise.resolve().then(() => openMemory(options.memory));
  const shared = lent.then((memory) => memory.shared);
  shared.catch(() => "told below");
  const opening = Pools.open(requests, {
    pythonOf: interpreters.of,
    memory: shared,
    onLog,
    front:
      (front ?? checks) &&
      ((all) => {
        libraries = front?.(all);
        const router = libraries ?? all;
        return checks?.(router) ?? router;
      }),
  });
  const [pools, memory] = await Promise.allSettled([opening, lent]);
  if (pools.status === "rejected" || memory.status === "rejected") {
    await watch?.[Symbol.asyncDispose]();
    if (memory.status === "fulfilled") memory.value.close();
    if (pools.status === "fulfilled") await pools.value.kill();
    // Without memory that was asked for, no pool can be opened either.
    if (memory.status === "rejected") throw memory.reason;
    throw startFailure((pools as PromiseRejectedResult).reason);
  }
  const parts = { interpreters, pools: pools.value, memory: memory.value, libraries };
  return new OpenPython({ ...parts, config, modules, watch });
}

interface OpenPythonInit {
  readonly interpreters: Interpreters;
  readonly pools: Pools;
  readonly memory: LentMemory;
  readonly config: LoadedConfig | undefined;
  readonly modules: ModuleNames | undefined;
  /** Absent where none is configured. */
  readonly libraries: LibraryCalls | undefined;
  /** Absent where the configuration is not followed. */
  readonly watch: AsyncDisposable | undefined;
}

/** The pools of an interpreter, and the memory that they share. */
class OpenPython extends Calls implements Python {
  readonly config: LoadedConfig | undefined;
  readonly #interpreters: Interpreters;
  readonly #pools: Pools;
  readonly #memory: LentMemory;
  readonly #modules: ModuleNames | undefined;
  readonly #libraries: LibraryCalls | undefined;
  readonly #watch: AsyncDisposable | undefined;
  #closed: Promise<void> | undefined;
  #drained: Promise<void> | undefined;

  constructor(init: OpenPythonInit) {
    const { interpreters, pools, memory, config, modules, libraries } = init;
    super({ router: pools.router, modules });
    this.config = config;
    this.#interpreters = interpreters;
    this.#pools = pools;
    this.#memory = memory;
    this.#modules = modules;
    this.#libraries = libraries;
    this.#watch = init.watch;
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
    const { router } = this.#pools;
    const origin = { router, pool, session, modules: this.#modules };
    const belongings = new Belongings(origin);
    this.#pools.keepFor(session, belongings);
    return new OpenSession(session, origin, belongings);
  }

  sessions(): readonly PythonSessionInfo[] {
    return [...this.#pools.all].flatMap(([name, pool]) =>
      [...pool.sessions].map((session) => sessionInfo(session, name)),
    );
  }

  libraries(): readonly LibraryFigures[] {
    return this.#libraries?.figures() ?? [];
  }

  forget(options?: ForgetOptions): number {
    if (options !== undefined) expectForget(options);
    return this.#libraries?.forget(options) ?? 0;
  }

  async unload(name: string): Promise<void> {
    expectText("unload library", "its name", name);
    const libraries = this.#libraries ?? (await noLibraries(this.#pools));
    const { pool } = await libraries.unload(name);
    await this.#pools.pool(pool).renewed();
  }

  environments(): readonly PythonEnvironment[] {
    return this.#interpreters.environments;
  }

  status(): PythonStatus {
    const pools = [...this.#pools.all].map(([name, pool]) => [name, pool.status()] as const);
    return {
      python: this.#interpreters.of(DEFAULT_POOL),
      environments: this.environments(),
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
      await this.#watch?.[Symbol.asyncDispose]();
      await this.#libraries?.close();
    } finally {
      await this.#stop();
    }
  }

  async #stop(): Promise<void> {
    try {
      const stopped = [...this.#pools.all].map(([, pool]) => pool.stop());
      this.#libraries?.turnAway();
      await Promise.all(stopped);
    } finally {
      this.#memory.close();
    }
  }
}
