/*
 * A launcher starts Python processes of one kind, each joined to this program by a channel and a control line (spec/worker.md).
 *
 * Between this program and a worker stands its keeper, a process of a few hundred kilobytes of its own: parent of the worker, and of every
 * process that the worker leaves behind. It tells how the worker ended and ends whatever descends from it, sessions and daemons included.
 *
 * - `warden`: one Python process has imported what workers need, and forks a keeper and a worker when it is asked to. It needs the native
 *   core, which hands descriptors over. A spare may wait for the next launch (`spare.ts`).
 * - `spawn`: a fresh interpreter for each worker, which forks early: what it was is the keeper.
 *
 * Nothing survives. When this program ends in any way, the lines to the keepers end, and they end their workers and all that descends from
 * them. Workers get SIGKILL from the kernel when their keeper ends, and keepers are told by it when the warden does. The warden ends what a
 * killed keeper leaves. Left over remains what a worker does on purpose: with the same user's rights it can kill every process of this chain
 * in one go; and where the system is not Linux, what has left the worker's process group.
 */

import type { Readable } from "node:stream";

import type { SharedMemory } from "../../memory/index.ts";
import { nativeCore } from "../../native-core.ts";
import type { Connection } from "../../transport/index.ts";
import { expectControlGroups } from "./control-group/group-of-worker.ts";
import { startFailed } from "./failure.ts";
import type { Isolation, WorkerPolicy } from "./policy.ts";
import { expectRules, expectSandbox } from "./sandbox/isolation-support.ts";
import { Sandbox } from "./sandbox/sandbox.ts";
import { SpawnLauncher } from "./spawn-launcher.ts";
import { WardenLauncher } from "./warden-launcher.ts";

/** What all workers of one launcher have in common. */
export interface WorkerSpec {
  /** Name of the pool, for messages. @default "" */
  readonly pool?: string | undefined;
  /** The interpreter: a path, or a name that is looked up in PATH of `env`. */
  readonly python: string;
  readonly profile: "process" | "thread" | "asyncio";
  /** Threads of the profile `thread`, calls at a time of `asyncio`. @default the worker's own */
  readonly threads?: number | undefined;
  /** Modules that are loaded before a worker is ready. @default none */
  readonly preload?: readonly string[] | undefined;
  /** Folders that are put in front of `sys.path`. @default none */
  readonly path?: readonly string[] | undefined;
  /** Working directory. @default that of this process */
  readonly cwd?: string | undefined;
  /** The whole environment of the workers. @default that of this process */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly limits?: WorkerLimits | undefined;
  /** How far they are kept from the rest of the machine. @default "none" */
  readonly isolation?: Isolation | undefined;
  /** What they may do all the same, where they are isolated. @default {} */
  readonly policy?: WorkerPolicy | undefined;
  /** Forks workers from a warden. @default true where the native core is */
  readonly forkServer?: boolean | undefined;
  /** Keeps one worker more than are launched, forked and its channel open, for the next launch; only of a warden. @default false */
  readonly spare?: boolean | undefined;
  /** Lent to the workers; one that is still being opened is waited for when the process has started. @default none */
  readonly memory?: SharedMemory | Promise<SharedMemory | undefined> | undefined;
  /** @default 262_144 */
  readonly ringBytes?: number | undefined;
  /** How long both sides look at a ring before they sleep. @default that of the transport */
  readonly spinMs?: number | undefined;
  /** @default 67_108_864 */
  readonly maxFrameBytes?: number | undefined;
}

/** What each process of a worker may take; a child of it may take the same again, but for hard limits. */
export interface WorkerLimits {
  /**
   * Private memory; Python raises MemoryError beyond it. Neither shared memory nor mapped files count, and C code that does not check ends
   * the worker. @default none
   */
  readonly memoryBytes?: number | undefined;
  /** Seconds of computing, after which the worker ends by SIGXCPU. @default none */
  readonly cpuSeconds?: number | undefined;
  /** Open descriptors; a worker has about twenty of its own. @default that of this process */
  readonly files?: number | undefined;
  /** Processes and threads of this user, those of other programs too; does not bind root. @default that of this process */
  readonly processes?: number | undefined;
  /**
   * Holds a worker and all that it starts to `memoryBytes` and `processes` together, by a control group: all memory counts that they touch
   * first, shared and mapped too, and root is bound. True is ISOLATION_UNSUPPORTED where this machine does not permit it.
   *
   * @default where permitted for sandboxed workers, else false
   */
  readonly hard?: boolean | undefined;
}

/** How a process ended; empty: nobody knows, as its keeper ended first. */
export interface ProcessExit {
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
  readonly isCoreDumped?: boolean;
  /** The kernel has counted a kill for lack of memory in the control group of this process that explains this end. */
  readonly isOutOfMemory?: boolean;
  readonly usage?: {
    readonly userMs: number;
    readonly systemMs: number;
    readonly maxRssBytes: number;
  };
}

/** A worker whose channel is open. */
export interface LaunchedWorker {
  readonly pid: number;
  /** Nothing was sent yet. Ends with the worker. */
  readonly connection: Connection;
  readonly control: Connection;
  /** To be read, or the worker waits when 64 KiB are full. */
  readonly stdout: Readable;
  /** Flows already. */
  readonly stderr: Readable;
  /** Resolves once when the worker and all that descends from it have ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Last 8 KiB of standard error, also after the end. */
  readonly stderrTail: string;
  /**
   * Blocks this thread until it is known how the worker ended, no longer than that; `stderrTail` has what it wrote by then. For calls that
   * block, while nothing else is heard; undefined also where descriptors are not known.
   */
  exitWithin(patienceMs: number): ProcessExit | undefined;
  /** Sends a signal to the worker alone; without one, ends it and all that descends from it. Harmless once it has ended. */
  kill(signal?: NodeJS.Signals | number): void;
  /** Reads what it takes now, in tens of microseconds; undefined where the system does not tell, and after the end. */
  usage(): { readonly rssBytes: number; readonly cpuMs: number } | undefined;
}

/** Ends every worker and the warden when it is disposed of. */
export interface Launcher extends AsyncDisposable {
  readonly kind: "warden" | "spawn";
  /** Why it is no warden. */
  readonly reason: string | undefined;
  /**
   * Starts a worker and opens its channel.
   *
   * @throws {AmphisError} WORKER_START_FAILED with the tail of its standard error; PYTHON_NOT_FOUND; MEMORY_REFUSED
   * @throws the signal's reason
   */
  launch(signal?: AbortSignal): Promise<LaunchedWorker>;
}

/**
 * Starts the warden where there is one, and does not wait for it.
 *
 * @throws {AmphisError} WORKER_START_FAILED where no worker can be; ISOLATION_UNSUPPORTED
 */
export async function openLauncher(spec: WorkerSpec): Promise<Launcher> {
  if (process.platform === "win32") {
    throw startFailed(spec, "workers need Unix sockets, which this system does not hand down");
  }
  await expectRules(spec);
  expectControlGroups(spec);
  if (spec.isolation === "sandboxed") await expectSandbox(spec);
  const native = await nativeCore();
  if (native.kind === "unavailable") return new SpawnLauncher(spec, undefined, native.reason);
  if (spec.forkServer === false) {
    return new SpawnLauncher(spec, native, "forkServer is false");
  }
  const isSandboxed = spec.isolation === "sandboxed";
  const sandbox = isSandboxed ? await Sandbox.prepare(spec, native.folder) : undefined;
  return new WardenLauncher(spec, native, sandbox);
}
