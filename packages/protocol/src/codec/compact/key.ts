import { isHashable } from "../hashable.ts";

/** Whether a value may be a key of a map or an element of a set. */
export function isKey(value: unknown): boolean {
  return typeof value !== "object" || value === null || isHashable(value);
}
