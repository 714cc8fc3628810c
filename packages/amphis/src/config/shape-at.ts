import type { ConfigPath } from "./config-path.ts";
import { isPlainObject } from "./plain-object.ts";
import type { AnyShape } from "./shape.ts";

/** The shapes from the whole down to a path; undefined where there is no such option. */
export function shapesTo(shape: AnyShape, path: ConfigPath): readonly AnyShape[] | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return [shape];
  for (const option of partsAt(shape, step)) {
    const below = shapesTo(option, rest);
    if (below !== undefined) return [shape, ...below];
  }
  return undefined;
}

function partsAt(shape: AnyShape, step: string | number): readonly AnyShape[] {
  switch (shape.kind) {
    case "object": {
      const field = Object.hasOwn(shape.fields, step) ? shape.fields[step] : undefined;
      return field === undefined ? [] : [field];
    }
    case "record":
      return [shape.item];
    case "list":
      return Number.isInteger(Number(step)) ? [shape.item] : [];
    case "union":
      return shape.options.flatMap((option) => partsAt(option, step));
    default:
      return [];
  }
}

/** What stands in place of a secret. */
export const HIDDEN = "***";

/** The same, with nothing in it that must not be printed. */
export function withoutSecrets(value: unknown, shape: AnyShape): unknown {
  if (value === undefined) return undefined;
  if (shape.secret === true) return HIDDEN;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => withoutSecretsAt(item, shape, index));
  }
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withoutSecretsAt(part, shape, name)]),
  );
}

function withoutSecretsAt(value: unknown, shape: AnyShape, step: string | number): unknown {
  const [part] = partsAt(shape, step);
  // What nobody knows may be anything.
  return part === undefined ? HIDDEN : withoutSecrets(value, part);
}

/** Whether something on the way to a path, or at it, is a secret. */
export function isSecret(shape: AnyShape, path: ConfigPath): boolean {
  return shapesTo(shape, path)?.some((each) => each.secret === true) ?? false;
}
