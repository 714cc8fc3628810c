import type { LoadedConfig } from "../config/index.ts";
import type { Isolation, WorkerPolicy } from "../worker/index.ts";
import { DEFAULT_POOL, type PoolRequest } from "./settings.ts";

/** Weakest first. */
const LEVELS: readonly Isolation[] = ["none", "guarded", "sandboxed"];

/**
 * Pools with the isolation that they or the configuration ask for: a pool has that of the library in it that asks for most.
 *
 * What code says of a pool wins over what is configured for libraries.
 */
export function isolated(
  requests: readonly PoolRequest[],
  config: LoadedConfig["config"] | undefined,
): readonly PoolRequest[] {
  if (config === undefined) return requests;
  return requests.map((request) => {
    const isolation = request.isolation ?? strongest(request.name, config);
    if (isolation === "none") return request;
    return { ...request, isolation, policy: request.policy ?? policyOf(config) };
  });
}

function strongest(
  pool: string,
  { libraries = {}, policies = {} }: LoadedConfig["config"],
): Isolation {
  const { isolation: base = "none" } = policies;
  const levels = Object.values(libraries)
    .filter((library) => (library.pool ?? DEFAULT_POOL) === pool)
    .map(({ isolation = base }) => LEVELS.indexOf(isolation));
  // A pool of no library has what all have.
  const level = levels.length === 0 ? LEVELS.indexOf(base) : Math.max(...levels);
  return LEVELS[level] ?? "none";
}

/** Only what is configured can be reached, unless the policy says what can. */
function policyOf({ libraries = {}, policies = {} }: LoadedConfig["config"]): WorkerPolicy {
  const { isolation: _, approval: __, ...policy } = policies;
  const modules = Object.entries(libraries).map(([name, { module = name }]) => module);
  if (modules.length === 0 || policy.libraries?.allow !== undefined) return policy;
  return { ...policy, libraries: { ...policy.libraries, allow: modules } };
}
