import { MAX_INT_BYTES } from "../../codec.ts";
import { tooDeep } from "../../corrupt.ts";
import { intFromBytes } from "../../integer.ts";
import { setProperty } from "../../record.ts";
import { Attachment, Ext, Float, Tuple, type ValueMap } from "../../../value/index.ts";
import type { LeafType } from "../encode/scalar.ts";
import type { IntegerConfiguration } from "../layout.ts";
import { decodeFailed, type Reader } from "../reader.ts";
import * as v from "../variants.ts";
import { type IntegerReaders, integerReaders } from "./integer.ts";
import {
  readBoolean,
  readBytes,
  readF64,
  readName,
  readText,
  type ReadScalar,
  scalarReaders,
} from "./scalar.ts";

const LEAVES: Readonly<Record<number, LeafType>> = {
  [v.TIMESTAMP]: "timestamp",
  [v.DECIMAL]: "decimal",
  [v.UUID]: "uuid",
  [v.DATE]: "date",
  [v.TIME]: "time",
  [v.DATETIME]: "datetime",
  [v.DURATION]: "duration",
  [v.COMPLEX]: "complex",
  [v.PATH]: "path",
  [v.HANDLE]: "handle",
};

/** Reads values of every kind by the variant in front of them. */
export class ValueReader {
  readonly #integers: IntegerReaders;
  readonly #scalars: Readonly<Record<LeafType, ReadScalar>>;

  constructor(configuration: IntegerConfiguration) {
    this.#integers = integerReaders(configuration);
    this.#scalars = scalarReaders(configuration);
  }

  /** `left` is how many more levels the value may nest. */
  read(from: Reader, left: number): unknown {
    const { at } = from;
    const variant = this.#integers.variant(from);
    switch (variant) {
      case v.NIL:
        return null;
      case v.BOOL:
        return readBoolean(from);
      case v.INT:
        return this.#integers.types.i64(from);
      case v.FLOAT:
        return floatOf(readF64(from), from);
      case v.STRING:
        return readText(from, this.#integers);
      case v.BYTES:
        return readBytes(from, this.#integers);
      case v.BIG_INT:
        return this.#bigInt(from);
      case v.EXT:
        return this.#ext(from);
      default:
        return this.#nested(from, variant, at, left);
    }
  }

  /** An int of any size. */
  readInt(from: Reader): number | bigint {
    const { at } = from;
    const variant = this.#integers.variant(from);
    if (variant === v.INT) return this.#integers.types.i64(from);
    if (variant === v.BIG_INT) return this.#bigInt(from);
    throw decodeFailed(at, `variant ${variant} is no int`);
  }

  /** The fields of an attachment, without its variant. */
  readAttachment(from: Reader, left: number): Attachment {
    const { at } = from;
    const index = this.#integers.types.u32(from);
    if (!Attachment.isIndex(index)) throw decodeFailed(at, `attachment ${index} is beyond 65535`);
    const format = readText(from, this.#integers);
    const meta = this.#map(from, left, "object");
    if (meta instanceof Map) {
      throw decodeFailed(at, "the meta of an attachment has a key that is no string");
    }
    return new Attachment(index, format, meta as ValueMap);
  }

  #nested(from: Reader, variant: number, at: number, left: number): unknown {
    switch (variant) {
      case v.LIST:
        return this.#list(from, [], left);
      case v.TUPLE:
        return this.#list(from, new Tuple(), left);
      case v.MAP:
        return this.#map(from, left, from.settings.maps);
      case v.SET:
        return this.#set(from, left);
      case v.ATTACHMENT:
        return this.readAttachment(from, left);
      default: {
        const leaf = LEAVES[variant];
        if (leaf === undefined) throw decodeFailed(at, `there is no variant ${variant} of a value`);
        return this.#scalars[leaf](from);
      }
    }
  }

  #list(from: Reader, list: unknown[], left: number): unknown[] {
    const inner = enter(from, left);
    const count = this.#integers.count(from, 1);
    for (let i = 0; i < count; i += 1) list.push(this.read(from, inner));
    return list;
  }

  #set(from: Reader, left: number): Set<unknown> {
    const inner = enter(from, left);
    const set = new Set<unknown>();
    for (let count = this.#integers.count(from, 1); count > 0; count -= 1) {
      set.add(this.readKey(from, inner));
    }
    return set;
  }

  #map(from: Reader, left: number, maps: "object" | "map"): unknown {
    const inner = enter(from, left);
    const count = this.#integers.count(from, 2);
    if (maps === "map") return this.#entries(from, new Map(), count, inner);
    const record: Record<string, unknown> = {};
    for (let done = 0; done < count; done += 1) {
      const { at } = from;
      if (this.#integers.variant(from) !== v.STRING) {
        from.at = at;
        return this.#entries(
          from,
          new Map<unknown, unknown>(Object.entries(record)),
          count - done,
          inner,
        );
      }
      const key = readName(from, this.#integers);
      setProperty(record, key, this.read(from, inner));
    }
    return record;
  }

  #entries(
    from: Reader,
    map: Map<unknown, unknown>,
    count: number,
    left: number,
  ): Map<unknown, unknown> {
    for (let done = 0; done < count; done += 1) {
      const key = this.readKey(from, left);
      map.set(key, this.read(from, left));
    }
    return map;
  }

  /** A key of a map or an element of a set. */
  readKey(from: Reader, left: number): unknown {
    const { at } = from;
    const key = this.read(from, left);
    from.checkKey(key, at);
    return key;
  }

  #bigInt(from: Reader): number | bigint {
    const { at } = from;
    const bytes = readBytes(from, this.#integers);
    const value = intFromBytes(Uint8Array.from(bytes).reverse());
    if (value === undefined) {
      throw decodeFailed(at, `an int must have 1 to ${MAX_INT_BYTES} bytes`);
    }
    return value;
  }

  #ext(from: Reader): Ext {
    const { at } = from;
    const code = this.#integers.types.i8(from);
    if (!Ext.isCode(code)) throw decodeFailed(at, `${code} is no code of an extension`);
    return new Ext(code, readBytes(from, this.#integers));
  }
}

/** A plain object as long as every key is a string, then a `Map`. */
export class MapBuilder {
  map: Record<string, unknown> | Map<unknown, unknown>;

  constructor(maps: "object" | "map") {
    this.map = maps === "map" ? new Map() : {};
  }

  add(key: unknown, value: unknown): void {
    const { map } = this;
    if (map instanceof Map) map.set(key, value);
    else if (typeof key !== "string") {
      this.map = new Map<unknown, unknown>(Object.entries(map)).set(key, value);
    } else if (key === "__proto__") setProperty(map, key, value);
    else map[key] = value;
  }
}

/** A float as the settings want it. */
export function floatOf(value: number, from: Reader): number | Float {
  return from.settings.exactFloats && Number.isSafeInteger(value) ? new Float(value) : value;
}

/** One level further in. */
export function enter(from: Reader, left: number): number {
  if (left === 0) throw tooDeep("compact", from.settings.maxDepth);
  return left - 1;
}
