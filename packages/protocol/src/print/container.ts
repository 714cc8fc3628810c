import { Attachment, Tuple } from "../value/index.ts";

/** A value that holds others, whatever its class. */
export type Container = Sequence | Mapping | AttachmentMeta;

interface Sequence {
  readonly kind: "list" | "tuple" | "set";
  readonly identity: object;
  readonly size: number;
  /** At most so many items, from the first. */
  first(count: number): readonly unknown[];
}

interface Entries {
  readonly size: number;
  first(count: number): readonly (readonly [key: unknown, value: unknown])[];
}

interface Mapping extends Entries {
  readonly kind: "map";
  readonly identity: object;
}

/** An attachment is seen as the map of its meta. */
interface AttachmentMeta extends Entries {
  readonly kind: "attachment";
  readonly identity: Attachment;
}

/** Undefined for what holds no other value. */
export function containerOf(value: unknown): Container | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return listOf(value);
  if (value instanceof Map) return { kind: "map", identity: value, ...entriesOf(value) };
  if (value instanceof Set) {
    return { kind: "set", identity: value, size: value.size, first: (count) => take(value, count) };
  }
  if (value instanceof Attachment) {
    return { kind: "attachment", identity: value, ...entriesOf(value.meta) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype
    ? { kind: "map", identity: value, ...entriesOf(value) }
    : undefined;
}

function listOf(list: readonly unknown[]): Container {
  return {
    kind: list instanceof Tuple ? "tuple" : "list",
    identity: list,
    size: list.length,
    first: (count) => list.slice(0, count),
  };
}

/** As codecs see them: a property that is undefined is not there. */
function entriesOf(map: object): Entries {
  if (map instanceof Map) return { size: map.size, first: (count) => take(map, count) };
  const keys = Object.keys(map).filter(
    (key) => (map as Readonly<Record<string, unknown>>)[key] !== undefined,
  );
  return {
    size: keys.length,
    first: (count) =>
      keys.slice(0, count).map((key) => [key, (map as Readonly<Record<string, unknown>>)[key]]),
  };
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count === 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}
