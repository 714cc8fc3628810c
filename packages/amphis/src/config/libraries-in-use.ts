import type { LibraryInUse } from "../library/index.ts";
import type { ConfigLayer } from "./options.ts";

/** See `LoadedConfig.librariesInUse`. */
export function librariesInUse(
  { libraries = {} }: ConfigLayer,
  names: readonly string[],
): readonly LibraryInUse[] {
  return names.map((name) => {
    const { package: own = name, module = name, include, pure, batching } = libraries[name] ?? {};
    const functions = Object.entries(pure ?? {}).filter(([, says]) => says !== false);
    const members = [
      ...(include ?? []),
      ...functions.map(([pattern]) => pattern),
      ...Object.keys(batching ?? {}),
    ];
    return { name, package: own, module, members: [...new Set(members)] };
  });
}
