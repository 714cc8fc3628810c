import type { ModuleNames, Router } from "./origin.ts";
import type { PoolRequest } from "./settings.ts";

/** What stands before the pools where calls are checked; nothing where they are not, and where nothing was described. */
export type Checks = ((router: Router) => Router) | undefined;

/** Reads the descriptions of the libraries that a program names. They are not made here: that takes seconds. */
export async function callChecks(
  isOn: boolean | undefined,
  requests: readonly PoolRequest[],
  modules: ModuleNames | undefined,
  python: string,
): Promise<Checks> {
  if (isOn !== true) return undefined;
  const names = new Set(requests.flatMap(({ preload = [] }) => preload));
  for (const { module } of modules?.values() ?? []) names.add(module);
  const [{ knownLibraries }, { CheckedCalls }] = await Promise.all([
    import("../library/index.ts"),
    import("./checked-calls.ts"),
  ]);
  const found = await Promise.all(
    folderLists(requests).map((path) => knownLibraries(tops(names), { python, path })),
  );
  const models = [...new Map(found.flat().map((model) => [model.name, model])).values()];
  return models.length === 0 ? undefined : (router) => new CheckedCalls(router, models);
}

/** Where libraries were described: as Python finds them, and with the folders of each pool. The last one wins, as it is what workers find first. */
function folderLists(requests: readonly PoolRequest[]): readonly (readonly string[])[] {
  const own = requests.flatMap(({ path = [] }) => (path.length === 0 ? [] : [path]));
  return [[], ...own.toReversed()];
}

/** A library is described as a whole, under the name of its top module or the one that was asked for. */
function tops(names: ReadonlySet<string>): readonly string[] {
  return [...new Set([...names].flatMap((name) => [name, name.split(".", 1)[0] ?? name]))];
}
