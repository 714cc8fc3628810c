import { type Static, type TSchema, type TUnsafe, Unsafe } from "typebox";

import type {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Uuid,
  Value,
} from "../value/index.ts";

/*
 * The words of which schemas are made: TypeBox's, and one for each layout of spec/compact.md that JSON Schema has no word for. What they
 * make is plain JSON Schema, which `JSON.stringify` writes and Python reads.
 */

export {
  Array as array,
  Boolean as boolean,
  Enum as choice,
  Integer as integer,
  Literal as literal,
  Null as nil,
  Number as number,
  Object as object,
  Optional as optional,
  Record as record,
  String as string,
  Tuple as tuple,
  Union as union,
} from "typebox";

/** Annotations, which are kept and not checked. */
export interface Annotations {
  readonly title?: string;
  readonly description?: string;
}

export interface NumberLimits extends Annotations {
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly exclusiveMinimum?: number | bigint;
  readonly exclusiveMaximum?: number | bigint;
  readonly multipleOf?: number | bigint;
}

export interface SizeLimits extends Annotations {
  readonly minItems?: number;
  readonly maxItems?: number;
}

function kind<T>(name: string, rest: object = {}): TUnsafe<T> {
  return Unsafe<T>({ "x-amphis": name, ...rest });
}

export function u8(limits?: NumberLimits): TUnsafe<number> {
  return kind("u8", limits);
}

export function u16(limits?: NumberLimits): TUnsafe<number> {
  return kind("u16", limits);
}

export function u32(limits?: NumberLimits): TUnsafe<number> {
  return kind("u32", limits);
}

/** A number when it is safe, else a bigint; so are all wide integers. */
export function u64(limits?: NumberLimits): TUnsafe<number | bigint> {
  return kind("u64", limits);
}

export function u128(limits?: NumberLimits): TUnsafe<number | bigint> {
  return kind("u128", limits);
}

export function i8(limits?: NumberLimits): TUnsafe<number> {
  return kind("i8", limits);
}

export function i16(limits?: NumberLimits): TUnsafe<number> {
  return kind("i16", limits);
}

export function i32(limits?: NumberLimits): TUnsafe<number> {
  return kind("i32", limits);
}

export function i64(limits?: NumberLimits): TUnsafe<number | bigint> {
  return kind("i64", limits);
}

export function i128(limits?: NumberLimits): TUnsafe<number | bigint> {
  return kind("i128", limits);
}

/** An integer of any size. */
export function int(limits?: NumberLimits): TUnsafe<number | bigint> {
  return kind("int", limits);
}

/** A float that is rounded to single precision when it is encoded. */
export function f32(limits?: NumberLimits): TUnsafe<number> {
  return kind("f32", limits);
}

/** A float; unlike `number`, also NaN and the infinities. */
export function f64(limits?: NumberLimits): TUnsafe<number> {
  return kind("f64", limits);
}

/** A string of one code point. */
export function char(annotations?: Annotations): TUnsafe<string> {
  return kind("char", annotations);
}

/** Binary data; with equal limits its length is not written. */
export function bytes(limits?: SizeLimits): TUnsafe<Uint8Array> {
  return kind("bytes", limits);
}

export function timestamp(annotations?: Annotations): TUnsafe<Date> {
  return kind("timestamp", annotations);
}

export function date(annotations?: Annotations): TUnsafe<LocalDate> {
  return kind("date", annotations);
}

export function time(annotations?: Annotations): TUnsafe<LocalTime> {
  return kind("time", annotations);
}

export function datetime(annotations?: Annotations): TUnsafe<LocalDateTime> {
  return kind("datetime", annotations);
}

export function duration(annotations?: Annotations): TUnsafe<Duration> {
  return kind("duration", annotations);
}

export function decimal(annotations?: Annotations): TUnsafe<Decimal> {
  return kind("decimal", annotations);
}

export function uuid(annotations?: Annotations): TUnsafe<Uuid> {
  return kind("uuid", annotations);
}

export function complex(annotations?: Annotations): TUnsafe<Complex> {
  return kind("complex", annotations);
}

export function path(annotations?: Annotations): TUnsafe<Path> {
  return kind("path", annotations);
}

export function handle(annotations?: Annotations): TUnsafe<Handle> {
  return kind("handle", annotations);
}

export function attachment(annotations?: Annotations): TUnsafe<Attachment> {
  return kind("attachment", annotations);
}

/** A value of any kind. */
export function value(annotations?: Annotations): TUnsafe<Value> {
  return kind("value", annotations);
}

export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  return Unsafe<Static<T> | null>({ anyOf: [schema, { type: "null" }] });
}

/** Exactly `length` items; the length is not written. */
export function fixedArray<T extends TSchema>(items: T, length: number): TUnsafe<Static<T>[]> {
  return kind("array", { items, minItems: length, maxItems: length });
}

export function set<T extends TSchema>(items: T, limits?: SizeLimits): TUnsafe<Set<Static<T>>> {
  return kind("set", { items, ...limits });
}

/** What a map decodes to: a plain object when every key is a string, as they are in an empty map. */
export type MapOf<K, V> = [K] extends [string]
  ? Record<string, V>
  : Map<K, V> | Record<string, never>;

/** A map with keys of any kind that can be hashed. */
export function map<K extends TSchema, V extends TSchema>(
  keys: K,
  values: V,
): TUnsafe<MapOf<Static<K>, Static<V>>> {
  return kind("map", { keys, values });
}

/** A schema of {@link define}, by its name. The type must be given, because a schema that contains itself cannot tell it. */
export function ref<T>(name: string): TUnsafe<T> {
  return Unsafe<T>({ $ref: `#/$defs/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` });
}

/** A schema with named parts, to which {@link ref} refers; it must be the outermost. */
export function define<T extends TSchema>(
  definitions: Readonly<Record<string, TSchema>>,
  schema: T,
): TUnsafe<Static<T>> {
  return Unsafe<Static<T>>({ $defs: definitions, ...schema });
}
