import type { Value, ValueMap } from "../value/index.ts";

/** Sets an own property, whatever its name: plain assignment to `__proto__` would replace the prototype instead. */
export function setProperty<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === "__proto__") {
    Object.defineProperty(record, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else record[key] = value;
}

/** A decoded map as a plain object; undefined when it is no map or has a key that is no string. */
export function asRecord(value: Value): ValueMap | undefined {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<Value, Value>)];
    return entries.every(([key]) => typeof key === "string")
      ? (Object.fromEntries(entries) as ValueMap)
      : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? (value as ValueMap) : undefined;
}
