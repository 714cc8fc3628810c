import { nearNames } from "@amphis/protocol";

import type { Signature } from "../model/index.ts";

/** What is wrong with the arguments of a call. */
export interface Mismatch {
  readonly reason: string;
  /** The argument in question; empty where there is one too many. */
  readonly argument: string;
  readonly suggestions: readonly string[];
}

type Keywords = Readonly<Record<string, unknown>>;

const NONE: readonly string[] = [];

/** What Python would say of these arguments; nothing when it takes them. */
export function mismatchOf(
  signature: Signature,
  count: number,
  keywords: Keywords | undefined,
): Mismatch | undefined {
  const { parameters } = signature;
  let position = 0;
  let takesRest = false;
  let takesAll = false;
  let missing: string | undefined;
  const names = new Set<string>();
  for (const { name, kind, isOptional } of parameters) {
    const isGiven = keywords !== undefined && Object.hasOwn(keywords, name);
    if (kind === "rest") takesRest = true;
    else if (kind === "keywords") takesAll = true;
    else if (kind === "keyword") {
      names.add(name);
      if (!isGiven && !isOptional) missing ??= name;
    } else {
      const byPosition = position < count;
      position += 1;
      if (kind === "any") {
        names.add(name);
        if (byPosition && isGiven) {
          return { reason: `${name} is given twice`, argument: name, suggestions: NONE };
        }
        if (!byPosition && !isGiven && !isOptional) missing ??= name;
      } else if (!byPosition && !isOptional) missing ??= name;
    }
  }
  if (keywords !== undefined && !takesAll) {
    const unknown = Object.keys(keywords).find((name) => !names.has(name));
    if (unknown !== undefined) return unknownKeyword(unknown, names);
  }
  if (missing !== undefined) {
    return { reason: `${missing} is missing`, argument: missing, suggestions: NONE };
  }
  if (count <= position || takesRest) return undefined;
  const most = `${position} argument${position === 1 ? "" : "s"}`;
  return { reason: `it takes ${most} by position, not ${count}`, argument: "", suggestions: NONE };
}

function unknownKeyword(name: string, names: ReadonlySet<string>): Mismatch {
  const suggestions = nearNames(name, [...names]);
  const [near] = suggestions;
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return { reason: `it has no keyword argument ${name}${hint}`, argument: name, suggestions };
}
