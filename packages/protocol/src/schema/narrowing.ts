import { isMultiple } from "./bounds.ts";
import { show } from "./show.ts";

type Amount = number | bigint;

/** Bounds in the order in which they are listed. */
export const BOUNDS = [
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
] as const;

const LOWER: ReadonlySet<string> = new Set([
  "minimum",
  "exclusiveMinimum",
  "minLength",
  "minItems",
  "minProperties",
]);

/** How a bound refuses what it took before; undefined when it does not. */
export function narrowed(
  name: (typeof BOUNDS)[number],
  before: unknown,
  after: unknown,
): string | undefined {
  switch (name) {
    case "uniqueItems":
      return after === true && before !== true ? "items must now be distinct" : undefined;
    case "pattern":
      if (before === undefined) return `pattern ${String(after)} added`;
      return before === after
        ? undefined
        : `pattern changed from ${String(before)} to ${String(after)}`;
    case "multipleOf":
      if (before === undefined) return `multipleOf ${show(after)} added`;
      return isMultiple(before as Amount, after as Amount)
        ? undefined
        : `multipleOf changed from ${show(before)} to ${show(after)}`;
    default:
      return narrowedAmount(name, before as Amount | undefined, after as Amount);
  }
}

function narrowedAmount(
  name: string,
  before: Amount | undefined,
  after: Amount,
): string | undefined {
  if (before === undefined) return `${name} ${show(after)} added`;
  const lower = LOWER.has(name);
  const narrows = lower ? after > before : after < before;
  return narrows
    ? `${name} ${lower ? "raised" : "lowered"} from ${show(before)} to ${show(after)}`
    : undefined;
}
