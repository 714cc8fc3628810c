import type { ProcessExit } from "../worker/index.ts";
import { fatalStack } from "./fatal-stack.ts";

/** How a worker ended, in a word that programs can match. */
export type DeathKind =
  | "segfault"
  | "abort"
  | "illegal instruction"
  | "arithmetic fault"
  | "out of memory"
  | "cpu limit"
  | "file size limit"
  | "killed"
  | "exit"
  /** It cannot be reached, and nothing tells why. */
  | "lost";

/** Why this program ended a worker itself. */
export type KillReason =
  | "deadline"
  | "cancelled"
  | "unresponsive"
  | "stopped"
  | "idle"
  | "recycled"
  | "not ready";

/** What is known of the end of a worker. */
export interface WorkerDeath {
  readonly kind: DeathKind;
  /** For people: `died of SIGSEGV (segfault)`. */
  readonly text: string;
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly isCoreDumped: boolean;
  /** What Python was doing, as its fault handler wrote it; empty when it wrote nothing. */
  readonly pythonStack: string;
  readonly stderr: string;
  /** Set when it was this program that ended it. */
  readonly killedFor: KillReason | undefined;
}

/** What a death is read from. */
export interface DeathEvidence {
  readonly exit: ProcessExit | undefined;
  readonly stderr: string;
  readonly killedFor: KillReason | undefined;
  /** The limit that it ran under. */
  readonly cpuSeconds: number | undefined;
}

const BY_SIGNAL: Partial<Record<NodeJS.Signals, DeathKind>> = {
  SIGSEGV: "segfault",
  SIGBUS: "segfault",
  SIGABRT: "abort",
  SIGILL: "illegal instruction",
  SIGFPE: "arithmetic fault",
  SIGXCPU: "cpu limit",
  SIGXFSZ: "file size limit",
};

/** Reads how a worker died from what the system tells, never from texts. */
export function judgeDeath(evidence: DeathEvidence): WorkerDeath {
  const { stderr, killedFor } = evidence;
  const exit = withUsualName(evidence.exit);
  const kind = kindOf({ ...evidence, exit });
  return {
    kind,
    text: describe(kind, exit),
    exitCode: exit?.exitCode,
    signal: exit?.signal,
    isCoreDumped: exit?.isCoreDumped === true,
    pythonStack: fatalStack(stderr),
    stderr,
    killedFor,
  };
}

/** Some signals have two names, and the system may tell the rarer one. */
function withUsualName(exit: ProcessExit | undefined): ProcessExit | undefined {
  return exit?.signal === "SIGIOT" ? { ...exit, signal: "SIGABRT" } : exit;
}

function kindOf({ exit, cpuSeconds }: DeathEvidence): DeathKind {
  if (exit === undefined) return "lost";
  const { signal, exitCode } = exit;
  if (signal === undefined) return exitCode === undefined ? "lost" : "exit";
  if (signal !== "SIGKILL") return BY_SIGNAL[signal] ?? "killed";
  if (exit.isOutOfMemory === true) return "out of memory";
  // Beyond the hard limit of processor time the system sends SIGKILL.
  const usedMs = exit.usage === undefined ? 0 : exit.usage.userMs + exit.usage.systemMs;
  return cpuSeconds !== undefined && usedMs >= cpuSeconds * 1_000 ? "cpu limit" : "killed";
}

function describe(kind: DeathKind, exit: ProcessExit | undefined): string {
  if (exit?.signal !== undefined) {
    const core = exit.isCoreDumped === true ? ", core dumped" : "";
    return `died of ${exit.signal} (${kind}${core})`;
  }
  if (kind === "exit") return `ended with exit code ${String(exit?.exitCode)}`;
  return "cannot be reached any more";
}
