import { isPlainObject } from "./plain-object.ts";

/** What both say, where the second one wins. Objects are joined; lists and all else are replaced. */
export function merged<T>(one: T, other: T): T {
  if (!isPlainObject(one) || !isPlainObject(other)) return other === undefined ? one : other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const parts = [...names].map((name) => {
    const own = Object.hasOwn(one, name) ? one[name] : undefined;
    const over = Object.hasOwn(other, name) ? other[name] : undefined;
    return [name, merged(own, over)] as const;
  });
  return Object.fromEntries(parts) as T;
}
