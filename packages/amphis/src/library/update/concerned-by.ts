import { matcherOf } from "../call/pattern.ts";
import type { SurfaceComparison } from "../compare/index.ts";

/** Of the names that a project has for members, those that a breaking change is about: the member itself, what it is in, or what is in it. */
export function concernedBy(
  { library, breaking }: SurfaceComparison,
  members: readonly string[],
): readonly string[] {
  const changed = breaking.map(({ path }) => path.split("."));
  const own = library.split(".");
  return members.filter((member) => {
    const path = [...own, ...member.split(".")];
    return changed.some((other) => isOnPath(path, other));
  });
}

/** Whether two paths are the same as far as the shorter one goes. */
function isOnPath(pattern: readonly string[], path: readonly string[]): boolean {
  const length = Math.min(pattern.length, path.length);
  return pattern.slice(0, length).every((part, at) => matcherOf([part])(path[at] ?? ""));
}
