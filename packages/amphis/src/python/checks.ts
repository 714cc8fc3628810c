import { expectBoolean } from "./known-options.ts";
import type { ModuleNames, Router } from "./origin.ts";
import type { PoolRequest } from "./settings.ts";

/** What stands before the pools where calls are checked; nothing where they are not, and where nothing was described. */
export type Checks = ((router: Router) => Router) | undefined;

/** Reads the descriptions of the libraries that a program names. They are not made here: that takes seconds. */
export async function callChecks(
  isOn: unknown,
  requests: readonly PoolRequest[],
  modules: ModuleNames | undefined,
  python: string,
): Promise<Checks> {
  if (isOn !== undefined) expectBoolean("open Python", "checks", isOn);
  if (isOn !== true) return undefined;
  const names = new Set(requests.flatMap(({ preload = [] }) => preload));
  for (const { module } of modules?.values() ?? []) names.add(module);
  const [{ knownLibraries }, { CheckedCalls }] = await Promise.all([
    import("../library/index.ts"),
    import("./checked-calls.ts"),
  ]);
  const models = await knownLibraries(tops(names), { python });
  return models.length === 0 ? undefined : (router) => new CheckedCalls(router, models);
}

/** A library is described as a whole, under the name of its top module or the one that was asked for. */
function tops(names: ReadonlySet<string>): readonly string[] {
  return [...new Set([...names].flatMap((name) => [name, name.split(".", 1)[0] ?? name]))];
}
