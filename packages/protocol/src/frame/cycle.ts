import { steps } from "../codec/index.ts";

/** Something that contains itself, and the path to where it does so first. */
export interface Cycle {
  readonly path: string;
  readonly value: object;
}

/** Deeper values are not looked at, as each level takes a piece of the stack. */
const MAX_LEVELS = 1_000;

/** The first place where a container holds one that it lies in; undefined: it is only deep. Looks at each container once. */
export function locateCycle(root: object): Cycle | undefined {
  return below(root, "$", new Set(), new Set());
}

function below(
  value: object,
  path: string,
  above: Set<object>,
  done: Set<object>,
): Cycle | undefined {
  if (above.has(value)) return { path, value };
  if (done.has(value) || above.size > MAX_LEVELS || ArrayBuffer.isView(value)) return undefined;
  above.add(value);
  for (const [step, child] of steps(value)) {
    if (typeof child !== "object" || child === null) continue;
    const found = below(child, path + step, above, done);
    if (found !== undefined) return found;
  }
  above.delete(value);
  done.add(value);
  return undefined;
}
