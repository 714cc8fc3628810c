import { PRIORITIES, type Priority, type ValueMap } from "@amphis/protocol";

/** What a filter sees of a message. */
export interface Filterable {
  readonly priority: Priority;
  readonly source: string;
  /** The topic. */
  readonly target: string;
  readonly metadata: ValueMap;
  readonly payload: unknown;
}

/** Whether something holds for a message. */
export type Test = (message: Filterable) => boolean;

/** Finds what a path leads to; {@link ABSENT} when it leads nowhere. */
export type Read = (message: Filterable) => unknown;

/** There is nothing at this path, not even nil. */
export const ABSENT: unique symbol = Symbol("absent");

/** One level of a path below the payload. */
interface Level {
  readonly name: string;
  /** Place in a list, when the name is one. */
  readonly index: number | undefined;
}

const RANKS: ReadonlyMap<unknown, number> = new Map(
  PRIORITIES.map((priority, rank) => [priority, rank]),
);
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** The place of a priority among all; undefined when it is none. */
export function rankOf(priority: unknown): number | undefined {
  return RANKS.get(priority);
}

export function readPriority({ priority }: Filterable): unknown {
  return rankOf(priority) ?? ABSENT;
}

export function readSource({ source }: Filterable): unknown {
  return source;
}

export function readTopic({ target }: Filterable): unknown {
  return target;
}

export function readMetadata(key: string): Read {
  return ({ metadata }) => ownOf(metadata, key);
}

/** @param path names of the levels below the payload; none for the payload itself */
export function readPayload(path: readonly string[]): Read {
  const levels: readonly Level[] = path.map((name) => ({
    name,
    index: INDEX.test(name) ? Number(name) : undefined,
  }));
  return ({ payload }) => {
    let value = payload;
    for (const level of levels) {
      value = below(value, level);
      if (value === ABSENT) return ABSENT;
    }
    return value;
  };
}

function below(value: unknown, { name, index }: Level): unknown {
  if (typeof value !== "object" || value === null) return ABSENT;
  if (Array.isArray(value)) {
    return index !== undefined && index < value.length ? (value[index] as unknown) : ABSENT;
  }
  if (value instanceof Map) {
    if (value.has(name)) return value.get(name) as unknown;
    return index !== undefined && value.has(index) ? (value.get(index) as unknown) : ABSENT;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? ownOf(value, name) : ABSENT;
}

/** A property with `undefined` is left out of what travels, so it is not there either. */
function ownOf(map: object, key: string): unknown {
  if (!Object.hasOwn(map, key)) return ABSENT;
  const value = (map as Readonly<Record<string, unknown>>)[key];
  return value === undefined ? ABSENT : value;
}
