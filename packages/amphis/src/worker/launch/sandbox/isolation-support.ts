import { type ChildProcess, spawn } from "node:child_process";

import { AmphisError } from "@amphis/protocol";

import { nativeCore } from "../../../native-core.ts";
import { type ControlGroupSupport, controlGroupSupport } from "../control-group/place.ts";
import type { WorkerSpec } from "../launcher.ts";
import { hostsOf } from "../policy.ts";
import { runtimeScript } from "../runtime-place.ts";
import { refusalAdvice } from "./refusal.ts";
import { bubblewrap, Sandbox, withFilter } from "./sandbox.ts";
import { hasFilter } from "./system-call-filter.ts";

/** What this machine can enforce, found by trying. */
export interface IsolationSupport {
  /** Who judges in a guarded worker: C code, which Python cannot reach, or Python. */
  readonly guard: "native" | "python";
  /** Whether workers can be sandboxed. */
  readonly isSandboxed: boolean;
  /** What a sandbox lacks, each with what to do about it. */
  readonly missing: readonly string[];
  /** Whether a worker and all that it starts can be held to limits together: see `limits.hard`. */
  readonly controlGroups: ControlGroupSupport;
  /** Version of Landlock, which holds files a second time; 0: the kernel has none. */
  readonly landlock: number;
}

/** Where workers are to be isolated. */
export interface IsolationQuery {
  /** The interpreter of the workers. */
  readonly python: string;
  /** @default that of this process */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const PROBE = "amphis/_internal/worker/guard_probe.py";
const TIMEOUT_MS = 60_000;
const MOST_CHARACTERS = 4_000;
const FILTER = 3;

const known = new Map<string, Promise<IsolationSupport>>();

/** Tries what this machine can enforce, once for each interpreter; `AMPHIS_BWRAP` names another program than `bwrap`. */
export function isolationSupport({ python, env }: IsolationQuery): Promise<IsolationSupport> {
  const key = `${bubblewrap()}\0${python}`;
  let support = known.get(key);
  if (support === undefined) {
    support = probe({ python, env, profile: "process" });
    known.set(key, support);
  }
  return support;
}

/**
 * Makes sure that workers can be sandboxed as their specification says.
 *
 * @throws {AmphisError} ISOLATION_UNSUPPORTED naming everything that is missing
 */
export async function expectSandbox(spec: WorkerSpec): Promise<void> {
  const { missing, landlock } = await isolationSupport(spec);
  const lacking = [...missing];
  if (spec.forkServer === false) lacking.push("forkServer, which must not be false");
  if (missing.length === 0 && spec.policy?.network === true && landlock < 6) {
    lacking.push(
      "Landlock 6 (Linux 6.12), which keeps sockets of this machine apart from the network",
    );
  }
  if (lacking.length > 0) throw unsupported("sandboxed", lacking);
}

/**
 * Makes sure that rules for hosts can be held.
 *
 * @throws {AmphisError} ISOLATION_UNSUPPORTED
 * @throws {TypeError} for what is no rule
 */
export async function expectRules({ isolation = "none", policy = {} }: WorkerSpec): Promise<void> {
  const hosts = isolation === "none" ? undefined : hostsOf(policy);
  if (hosts === undefined) return;
  if (isolation === "sandboxed" && hosts.some(({ kind }) => kind === "unix")) {
    throw unsupported(isolation, ["a way to Unix sockets outside; network can name hosts only"]);
  }
  const native = await nativeCore();
  if (native.kind === "available") return;
  throw unsupported(isolation, [`the native core, which judges hosts: ${native.reason}`]);
}

function unsupported(isolation: string, missing: readonly string[]): AmphisError {
  const message = `Cannot isolate workers as ${isolation}: this lacks ${missing.join("; ")}`;
  return new AmphisError("ISOLATION_UNSUPPORTED", message, { isolation, missing: [...missing] });
}

async function probe(spec: WorkerSpec): Promise<IsolationSupport> {
  return { ...(await probeSandbox(spec)), controlGroups: controlGroupSupport() };
}

async function probeSandbox(spec: WorkerSpec): Promise<Omit<IsolationSupport, "controlGroups">> {
  const native = await nativeCore();
  const none = { guard: "python", isSandboxed: false, landlock: 0 } as const;
  if (process.platform !== "linux") {
    return { ...none, missing: [`Linux: this is ${process.platform}`] };
  }
  if (native.kind === "unavailable") {
    return { ...none, missing: [`the native core: ${native.reason}`] };
  }
  if (!hasFilter(process.arch)) {
    return { ...none, missing: [`a filter of system calls for ${process.arch}`] };
  }
  let said: Said;
  try {
    const sandbox = await Sandbox.prepare(spec, native.folder);
    said = await run(sandbox, spec, native.folder);
  } catch (error) {
    return { ...none, guard: "native", missing: [`Python: ${(error as Error).message}`] };
  }
  const { landlock = 0, guard = "native", failure } = said;
  if (failure === undefined) return { guard, isSandboxed: true, missing: [], landlock };
  return { guard: "native", isSandboxed: false, missing: [failure], landlock };
}

interface Said {
  readonly landlock?: number;
  readonly guard?: "native" | "python";
  readonly failure?: string;
}

/** Runs the probe in a real sandbox. */
function run(sandbox: Sandbox, spec: WorkerSpec, native: string): Promise<Said> {
  return new Promise((resolve) => {
    const args = [runtimeScript(PROBE), native];
    const wrapped = sandbox.wrap(spec.python, args, FILTER);
    const child = withFilter((filter) =>
      spawn(wrapped.command, wrapped.args, {
        stdio: ["ignore", "pipe", "pipe", filter],
        env: { ...(spec.env ?? process.env) },
      }),
    );
    // Node's own timeout goes on, and keeps the program, where there is nothing to start.
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    const settle = (said: Said): void => {
      clearTimeout(timer);
      resolve(said);
    };
    let [out, err] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (out = kept(out + text)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (err = kept(err + text)));
    child.once("error", (error: NodeJS.ErrnoException) => settle({ failure: notStarted(error) }));
    child.once("close", () => settle(outcome(child, out, err)));
  });
}

function outcome({ exitCode, signalCode }: ChildProcess, out: string, err: string): Said {
  const [, guard, landlock] = /^guard=(native|python) landlock=(\d+)$/mu.exec(out) ?? [];
  if (exitCode === 0 && guard !== undefined) {
    return { guard: guard as "native" | "python", landlock: Number(landlock) };
  }
  const why = err.trim().split("\n").at(-1) ?? "";
  const advice = refusalAdvice(err);
  return {
    failure: `a sandbox that works: bubblewrap ended with ${exitCode ?? signalCode ?? "nothing"}: ${why}${advice === undefined ? "" : `; ${advice}`}`,
  };
}

function notStarted({ code, message }: NodeJS.ErrnoException): string {
  if (code !== "ENOENT") return `bubblewrap: ${message}`;
  return `bubblewrap: there is no ${bubblewrap()}; install the package bubblewrap`;
}

function kept(text: string): string {
  return text.slice(-MOST_CHARACTERS);
}
