import { AmphisError, Handle, Tuple, type Value } from "@amphis/protocol";

/** How values of a type of their own travel (spec/worker.md): a pair of a reserved handle and plain values. */
export interface TypedValues {
  readonly name: string;
  isInstance(value: object): boolean;
  toPlain(value: object): unknown;
  fromPlain(plain: unknown): unknown;
}

const PREFIX = "amphis.typed:";

/** Stands in a pair that came, until the whole pair is what it means. */
class Marker {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Both ways of the types that have a form of their own. */
export class Typed {
  readonly #all: readonly TypedValues[];
  readonly #byName: ReadonlyMap<string, TypedValues>;
  /** Whether one came in the value that is being decoded. */
  #hasMarkers = false;

  constructor(all: readonly TypedValues[]) {
    this.#all = all;
    this.#byName = new Map(all.map((each) => [each.name, each]));
  }

  /**
   * What travels for an object; undefined: it is of no such type.
   *
   * @param part makes of what the plain values hold what travels for that
   * @throws {AmphisError} SERIALIZER_FAILED
   */
  encode(thing: object, part: (plain: unknown) => Value): Value | undefined {
    for (const each of this.#all) {
      const { name } = each;
      if (!attempt(name, "isInstance", () => each.isInstance(thing))) continue;
      const plain = attempt(name, "toPlain", () => each.toPlain(thing));
      return Tuple.of(new Handle(0, PREFIX + name), part(plain)) as Value;
    }
    return undefined;
  }

  /** What stands for a reserved handle; undefined: it is none of these. */
  adopt({ type }: Handle): object | undefined {
    if (!type.startsWith(PREFIX)) return undefined;
    this.#hasMarkers = true;
    return new Marker(type.slice(PREFIX.length));
  }

  /** The same value with objects for the pairs in it. @throws {AmphisError} SERIALIZER_FAILED */
  revive(value: unknown): unknown {
    if (!this.#hasMarkers) return value;
    this.#hasMarkers = false;
    return this.#revived(value);
  }

  /** Nobody gets what was decoded. */
  forget(): void {
    this.#hasMarkers = false;
  }

  /** The value is fresh, so containers are changed where they are. */
  #revived(value: unknown): unknown {
    if (Array.isArray(value)) {
      const items = value as unknown[];
      const [marker, plain] = items;
      const isPair = items instanceof Tuple && marker instanceof Marker && items.length === 2;
      if (isPair) return this.#fromPlain(marker.name, this.#revived(plain));
      for (const [index, item] of items.entries()) items[index] = this.#revived(item);
      return items;
    }
    if (value instanceof Map) {
      for (const [key, each] of value) value.set(this.#revived(key), this.#revived(each));
      return value;
    }
    if (value instanceof Set) {
      for (const each of value) this.#revived(each);
      return value;
    }
    if (value instanceof Marker) throw misplaced(value.name);
    if (typeof value !== "object" || value === null) return value;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const record = value as Record<string, unknown>;
    for (const name of Object.keys(record)) record[name] = this.#revived(record[name]);
    return record;
  }

  #fromPlain(name: string, plain: unknown): unknown {
    const each = this.#byName.get(name);
    return each === undefined ? plain : attempt(name, "fromPlain", () => each.fromPlain(plain));
  }
}

/** A worker may send anything. */
function misplaced(name: string): AmphisError<"BODY_INVALID"> {
  const expected = "a pair of a serializer and plain values";
  return new AmphisError(
    "BODY_INVALID",
    `Cannot take value: ${PREFIX}${name} must be in ${expected}`,
    {
      body: "value",
      path: "$",
      expected,
    },
  );
}

function attempt<T>(name: string, step: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AmphisError(
      "SERIALIZER_FAILED",
      `Cannot convert value by serializer ${name}: ${step} in TypeScript failed: ${reason}`,
      { serializer: name, step: `${step} in TypeScript`, reason },
      { cause: error instanceof Error ? error : undefined },
    );
  }
}
