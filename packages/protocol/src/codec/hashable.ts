import { Attachment, Ext, Handle, Tuple } from "../value/index.ts";

/** Whether an object may be a key of a map or an element of a set: Python must be able to hash it. */
export function isHashable(value: object): boolean {
  if (value instanceof Tuple) return value.every((item) => typeof item !== "object" || item === null || isHashable(item));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return false;
  return !(value instanceof Map || value instanceof Set || value instanceof Handle || value instanceof Attachment || value instanceof Ext);
}
