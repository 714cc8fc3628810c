import { asRecord } from "../codec/index.ts";
import { AmphisError } from "../error/index.ts";
import type { Value, ValueMap } from "../value/index.ts";

export type BodyName =
  | "hello"
  | "call"
  | "result"
  | "item"
  | "credit"
  | "end"
  | "cancel"
  | "error"
  | "memory"
  | "program"
  | "callback"
  | "release"
  | "log"
  | "event"
  | "message"
  | "reference"
  | "tensor"
  | "device tensor";

/** A place inside a body: turns what is there into an exact type, or fails with BODY_INVALID and the path. */
export class Place {
  readonly #body: BodyName;
  readonly #path: string;
  readonly #value: Value;

  constructor(body: BodyName, value: Value, path = "$") {
    this.#body = body;
    this.#value = value;
    this.#path = path;
  }

  invalid(expected: string): AmphisError<"BODY_INVALID"> {
    const [body, path] = [this.#body, this.#path];
    return new AmphisError("BODY_INVALID", `Cannot read ${body}: ${path} must be ${expected}`, {
      body,
      path,
      expected,
    });
  }

  get value(): Value {
    return this.#value;
  }

  /** Whether nothing stands here: nil, or no such key. */
  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  text(): string {
    if (typeof this.#value !== "string") throw this.invalid("a string");
    return this.#value;
  }

  oneOf<T extends string>(names: readonly T[]): T {
    const name = names.find((each) => each === this.#value);
    if (name === undefined) throw this.invalid(names.map((each) => `"${each}"`).join(" or "));
    return name;
  }

  /** A float or an int. */
  number(): number {
    const value = this.#value;
    if (typeof value === "number") return value;
    throw this.invalid("a number");
  }

  bool(): boolean {
    if (typeof this.#value !== "boolean") throw this.invalid("a bool");
    return this.#value;
  }

  int(min: number, max: number): number {
    const value = this.#value;
    if (
      typeof value !== "number" ||
      !Number.isInteger(value) ||
      Object.is(value, -0) ||
      value < min ||
      value > max
    ) {
      throw this.invalid(`an int from ${min} to ${max}`);
    }
    return value;
  }

  bytes(length: number): Uint8Array {
    if (!(this.#value instanceof Uint8Array) || this.#value.byteLength !== length) {
      throw this.invalid(`${length} bytes`);
    }
    return this.#value;
  }

  list(): readonly Value[] {
    if (!Array.isArray(this.#value)) throw this.invalid("a list");
    return this.#value as readonly Value[];
  }

  /** The elements as places; more than needed is fine, for bodies grow at their end. */
  array(atLeast: number): readonly Place[] {
    const list = this.list();
    if (list.length < atLeast) throw this.invalid(`a list of ${atLeast} or more`);
    return list.map((value, index) => new Place(this.#body, value, `${this.#path}[${index}]`));
  }

  /** A map whose keys are all strings, whichever form the codec gave it. */
  map(): ValueMap {
    const map = asRecord(this.#value);
    if (map === undefined) throw this.invalid("a map with string keys");
    return map;
  }

  /** What stands under a key of this map. */
  key(name: string): Place {
    const map = this.map();
    return new Place(
      this.#body,
      Object.hasOwn(map, name) ? map[name] : undefined,
      `${this.#path}.${name}`,
    );
  }

  texts(): readonly string[] {
    return this.array(0).map((place) => place.text());
  }
}
