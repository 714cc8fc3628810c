import {
  Complex,
  Decimal,
  Duration,
  Float,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
} from "@amphis/protocol";

import { Tensor } from "../../../memory/index.ts";

/** Values that nobody can change. */
const FIXED = [
  Complex,
  Decimal,
  Duration,
  Float,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Uuid,
] as const;

/** What a value of no size of its own takes, roughly. */
const SMALL_BYTES = 16;

/** Deeper results are not kept. */
const MAX_DEPTH = 64;

/** A value that shares nothing with the one that it was copied from. */
export interface Copied {
  readonly value: unknown;
  /** What it takes, roughly. */
  readonly bytes: number;
}

/**
 * Copies a result, so that who writes to one does not write to another's.
 *
 * @returns undefined for what is no value or holds what is none: live objects, tables over memory that is lent
 */
export function copyResult(value: unknown): Copied | undefined {
  const copying = new Copying();
  try {
    return { value: copying.of(value, 0), bytes: copying.bytes };
  } catch {
    // Or memory that was let go meanwhile.
    return undefined;
  }
}

/** Copies what was copied before. */
export function copyKept(value: unknown): unknown {
  return typeof value === "object" && value !== null ? new Copying().of(value, 0) : value;
}

const UNKEPT = new Error("it is no value");

class Copying {
  bytes = SMALL_BYTES;

  of(value: unknown, depth: number): unknown {
    if (typeof value === "string") this.bytes += 2 * value.length;
    if (typeof value === "function" || typeof value === "symbol") throw UNKEPT;
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) throw UNKEPT;
    if (Array.isArray(value)) return this.#list(value, depth);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof Tensor) return this.#tensor(value);
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>();
      for (const [key, each] of value) copy.set(this.#part(key, depth), this.#part(each, depth));
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>();
      for (const each of value) copy.add(this.#part(each, depth));
      return copy;
    }
    if (value instanceof Date) return new Date(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#record(value, depth);
    if (FIXED.some((type) => value instanceof type)) return value;
    throw UNKEPT;
  }

  #part(value: unknown, depth: number): unknown {
    this.bytes += SMALL_BYTES;
    return typeof value === "number" ? value : this.of(value, depth + 1);
  }

  #list(values: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = values instanceof Tuple ? new Tuple() : [];
    for (const each of values) copy.push(this.#part(each, depth));
    return copy;
  }

  #record(value: object, depth: number): object {
    const copy: Record<string, unknown> = {};
    for (const [name, each] of Object.entries(value)) {
      const part = this.#part(each, depth);
      this.bytes += 2 * name.length;
      // Defined, as one called __proto__ would else be something different.
      if (name === "__proto__") {
        Object.defineProperty(copy, name, {
          value: part,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      } else copy[name] = part;
    }
    return copy;
  }

  #view(view: ArrayBufferView): ArrayBufferView {
    this.bytes += view.byteLength;
    if (view.buffer instanceof SharedArrayBuffer) throw UNKEPT;
    if (view instanceof Uint8Array) return Uint8Array.from(view);
    const { byteOffset, byteLength } = view;
    const buffer = view.buffer.slice(byteOffset, byteOffset + byteLength);
    return Reflect.construct(view.constructor, [buffer]) as ArrayBufferView;
  }

  #tensor(tensor: Tensor): Tensor {
    this.bytes += tensor.size * tensor.itemBytes;
    const copy = tensor.copy();
    return tensor.isReadOnly ? copy.asReadOnly() : copy;
  }
}
