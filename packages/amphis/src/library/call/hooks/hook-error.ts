import { AmphisError, isAmphisError } from "@amphis/protocol";

import { reasonText } from "../../../pool/index.ts";

/** Which hook it is. */
export interface HookPlace {
  readonly library: string;
  readonly hook: "setup" | "teardown" | "health" | "before" | "after";
  readonly function: string;
}

/** The error for a hook of TypeScript that threw. */
export function hookFailed(place: HookPlace, thrown: unknown): AmphisError<"LIBRARY_HOOK_FAILED"> {
  const reason = reasonText(thrown);
  return failed(place, reason, thrown instanceof Error ? thrown : undefined);
}

/** What `amphis._internal.worker.around` raises. */
const HOOK_ERROR = "HookError";
const HOOKS: ReadonlySet<unknown> = new Set(["setup", "teardown", "health", "before", "after"]);

/**
 * The error for a hook of Python that raised, with what it raised as the cause; any other error as it is.
 *
 * @param onSetup hears of the process whose library could not be set up
 */
export function named(error: unknown, member: string, onSetup: (pid: number) => void): unknown {
  const said = readHookError(error);
  if (said === undefined) return error;
  const { library, hook, reason, pid, cause } = said;
  if (hook === "setup" && typeof pid === "number") onSetup(pid);
  return failed({ library, hook, function: member }, reason, cause);
}

/** The same for what kept workers from starting, when no call had been made. */
export function startFailure(error: unknown): unknown {
  const said = readHookError(error);
  if (said === undefined) return error;
  const { library, hook, reason, cause } = said;
  const message = `Cannot open Python: hook ${hook} of ${library} failed: ${reason}`;
  return new AmphisError(
    "LIBRARY_HOOK_FAILED",
    message,
    { library, hook, function: "", reason },
    { cause },
  );
}

interface SaidHookError extends Pick<HookPlace, "library" | "hook"> {
  readonly reason: string;
  readonly pid: unknown;
  readonly cause: Error;
}

function readHookError(error: unknown): SaidHookError | undefined {
  if (!isAmphisError(error)) return undefined;
  const { type, module, attributes, text } = error.context as Readonly<Record<string, unknown>>;
  const isHook = type === HOOK_ERROR && module === "amphis._internal.worker.around";
  if (!isHook || typeof attributes !== "object" || attributes === null) return undefined;
  const { hook, library, pid } = attributes as Readonly<Record<string, unknown>>;
  if (!HOOKS.has(hook) || typeof library !== "string") return undefined;
  // What it says first, the error says itself.
  const reason = (typeof text === "string" ? text : "").replace(
    /^\w+ (\S+) of library \S+: /u,
    "$1: ",
  );
  const cause = error.cause instanceof Error ? error.cause : error;
  return { library, hook: hook as HookPlace["hook"], reason, pid, cause };
}

function failed(
  { library, hook, function: member }: HookPlace,
  reason: string,
  cause: unknown,
): AmphisError<"LIBRARY_HOOK_FAILED"> {
  const message = `Cannot call ${member} of ${library}: its hook ${hook} failed: ${reason}`;
  const context = { library, hook, function: member, reason };
  return new AmphisError("LIBRARY_HOOK_FAILED", message, context, {
    cause: cause instanceof Error ? cause : undefined,
  });
}
