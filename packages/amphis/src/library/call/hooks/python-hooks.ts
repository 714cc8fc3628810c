import type { WorkerChores } from "../../../pool/index.ts";
import type { Work } from "../../../worker/index.ts";
import type { LibraryHooks, LibraryOptions } from "../../options.ts";

/** Module of what workers do around calls. */
export const AROUND = "amphis._internal.worker.around";

/** The hooks of a library that are run around each of its calls in Python. */
export interface CallHooks {
  readonly library: string;
  readonly before?: string;
  readonly after?: string;
}

export function callHooks(library: string, { before, after }: LibraryHooks): CallHooks | undefined {
  const hooks = {
    library,
    ...(typeof before === "string" ? { before } : {}),
    ...(typeof after === "string" ? { after } : {}),
  };
  return Object.keys(hooks).length === 1 ? undefined : hooks;
}

/** A call with its hooks, in one message. */
export function hookedWork(
  hooks: CallHooks,
  { target, member }: { readonly target: string; readonly member: string },
  call: {
    readonly work: Work;
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
  },
): Work {
  const { work, args, kwargs } = call;
  return {
    kind: "call",
    name: work.name,
    function: `${AROUND}:call`,
    args: [hooks, target, member, args, kwargs],
    result: work.result,
    stream: work.stream,
    traceparent: work.traceparent,
  };
}

const DEFAULT_HEALTH_MS = 30_000;

/** What the workers of a pool do for libraries by their names; undefined where that is nothing. */
export function workerChores(
  libraries: Readonly<Record<string, LibraryOptions>>,
): WorkerChores | undefined {
  const begin: Record<string, string>[] = [];
  const health: Work[] = [];
  let healthEveryMs = Infinity;
  for (const [library, { module = library, hooks = {} }] of Object.entries(libraries)) {
    const { setup, teardown, health: ask } = hooks;
    const own = {
      ...(typeof setup === "string" ? { setup } : {}),
      ...(typeof teardown === "string" ? { teardown } : {}),
    };
    if (Object.keys(own).length > 0) begin.push({ library, module, ...own });
    if (typeof ask === "string") {
      health.push(around("is_healthy", [library, module, ask]));
      healthEveryMs = Math.min(healthEveryMs, hooks.healthEveryMs ?? DEFAULT_HEALTH_MS);
    }
  }
  if (begin.length === 0 && health.length === 0) return undefined;
  const works = begin.length === 0 ? [] : [around("begin", [begin])];
  return { begin: works, health, healthEveryMs };
}

function around(name: string, args: readonly unknown[]): Work {
  return { kind: "call", name: `${AROUND}:${name}`, function: `${AROUND}:${name}`, args };
}
