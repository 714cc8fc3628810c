import { AmphisError, isAmphisError } from "@amphis/protocol";

/** Which hook it is. */
export interface HookPlace {
  readonly library: string;
  readonly hook: "setup" | "teardown" | "health" | "before" | "after";
  readonly function: string;
}

/** The error for a hook of TypeScript that threw. */
export function hookFailed(place: HookPlace, thrown: unknown): AmphisError<"LIBRARY_HOOK_FAILED"> {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
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
  if (!isAmphisError(error)) return error;
  const { type, module, attributes, text } = error.context as Readonly<Record<string, unknown>>;
  const isHook = type === HOOK_ERROR && module === "amphis._internal.worker.around";
  if (!isHook || typeof attributes !== "object" || attributes === null) return error;
  const { hook, library, pid } = attributes as Readonly<Record<string, unknown>>;
  if (!HOOKS.has(hook) || typeof library !== "string") return error;
  const place = { library, hook: hook as HookPlace["hook"], function: member };
  if (hook === "setup" && typeof pid === "number") onSetup(pid);
  // What it says first, the error says itself.
  const said = typeof text === "string" ? text : "";
  return failed(place, said.replace(/^\w+ (\S+) of library \S+: /u, "$1: "), error.cause ?? error);
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
