import type { ConfiguredLibrary } from "amphis/config";

/** A library as commands look at it: what Python imports, and which Python does. */
export interface Place {
  /** What `py.import` takes. */
  readonly name: string;
  readonly module: string;
  /** Absent: the Python of the project. */
  readonly environment: string | undefined;
  /** Whether the name of its module stands for another library, of another environment. */
  readonly isOther?: boolean | undefined;
  /** Folders with modules beside those of Python. */
  readonly path: readonly string[];
}

/** A library, and what of a name stands behind it: `.linalg.norm`. */
export interface PlacedName {
  readonly place: Place;
  readonly rest: string;
}

/**
 * What a name such as `np.linalg.norm` begins with, as `py.import` would take it: of libraries that have the same name, alias or module, the
 * first.
 */
export function placed(
  path: string,
  libraries: readonly ConfiguredLibrary[],
): PlacedName | undefined {
  const known = new Map<string, Place>();
  for (const library of libraries) {
    const { name, module, alias } = library;
    for (const each of [name, module, alias]) {
      if (each !== undefined && !known.has(each)) known.set(each, { ...library, name: each });
    }
  }
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const place = known.get(path.slice(0, end));
    if (place === undefined) continue;
    const isOther = known.get(place.module)?.environment !== place.environment;
    return { place: { ...place, isOther }, rest: path.slice(end) };
  }
  return undefined;
}
