import type { ByteWriter } from "../../bytes/index.ts";
import { MAX_INT_BYTES } from "../../codec.ts";
import { intToBytes } from "../../integer.ts";
import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Tuple,
  Uuid,
} from "../../../value/index.ts";
import { isKey, KEY_EXPECTED } from "../../key.ts";
import type { IntegerConfiguration } from "../layout.ts";
import { outOfRange, tooDeep, unsupported } from "../refuse.ts";
import * as v from "../variants.ts";
import { writeBytes, writeF64 } from "./bytes.ts";
import { type IntegerWriters, integerWriters } from "./integer.ts";
import { type LeafType, scalarWriters, type WriteScalar } from "./scalar.ts";
import { textWriter, type WriteText } from "./text.ts";

const MIN_I64 = -(1n << 63n);

type Entries = Iterable<readonly [unknown, unknown]>;

/** Writes values of every kind, each with its variant in front. */
export class ValueWriter {
  readonly #integers: IntegerWriters;
  readonly #text: WriteText;
  readonly #scalars: Readonly<Record<LeafType, WriteScalar>>;

  constructor(configuration: IntegerConfiguration) {
    this.#integers = integerWriters(configuration);
    this.#text = textWriter(configuration);
    this.#scalars = scalarWriters(configuration);
  }

  /**
   * `left` is how many more levels the value may nest.
   *
   * @throws {Refusal} for what is not a value
   */
  write(out: ByteWriter, value: unknown, left: number): void {
    switch (typeof value) {
      case "string":
        this.#integers.variant(out, v.STRING);
        return this.#text(out, value);
      case "number":
        return this.#number(out, value);
      case "boolean":
        this.#integers.variant(out, v.BOOL);
        out.ensure(1);
        out.bytes[out.at++] = value ? 1 : 0;
        return;
      case "bigint":
        return this.#bigint(out, value);
      case "undefined":
        return this.#integers.variant(out, v.NIL);
      case "object":
        return value === null ? this.#integers.variant(out, v.NIL) : this.#object(out, value, left);
      default:
        throw unsupported("a value", value);
    }
  }

  /** An int of any size; anything else is refused. */
  writeInt(out: ByteWriter, value: unknown): void {
    if (typeof value === "bigint") return this.#bigint(out, value);
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw unsupported("int", value);
    this.#integers.variant(out, v.INT);
    this.#integers.types.i64(out, value);
  }

  /** The fields of an attachment, without its variant. */
  writeAttachment(out: ByteWriter, value: unknown, left: number): void {
    if (!(value instanceof Attachment)) throw unsupported("attachment", value);
    if (left === 0) throw tooDeep(value);
    this.#integers.types.u32(out, value.index);
    if (typeof value.format !== "string") {
      throw unsupported("an attachment with a format", value.format);
    }
    this.#text(out, value.format);
    const { meta } = value;
    if (typeof meta !== "object" || meta === null || !isRecord(meta)) {
      throw unsupported("an attachment whose meta is a map", meta);
    }
    this.#entries(out, presentEntries(meta), left - 1);
  }

  #number(out: ByteWriter, value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#integers.variant(out, v.INT);
      this.#integers.types.i64(out, value);
    } else {
      this.#integers.variant(out, v.FLOAT);
      writeF64(out, value);
    }
  }

  #bigint(out: ByteWriter, value: bigint): void {
    if (value >= MIN_I64 && value <= ~MIN_I64) {
      this.#integers.variant(out, v.INT);
      return this.#integers.types.i64(out, value);
    }
    const bytes = intToBytes(value);
    if (bytes === undefined) throw outOfRange(`an int of at most ${MAX_INT_BYTES} bytes`, value);
    this.#integers.variant(out, v.BIG_INT);
    writeBytes(out, this.#integers, bytes.reverse());
  }

  #object(out: ByteWriter, value: object, left: number): void {
    if (isRecord(value)) return this.#map(out, presentEntries(value), value, left);
    if (Array.isArray(value)) {
      return this.#list(out, value instanceof Tuple ? v.TUPLE : v.LIST, value, left);
    }
    if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
      this.#integers.variant(out, v.BYTES);
      return writeBytes(out, this.#integers, value);
    }
    if (value instanceof Map) return this.#map(out, [...value], value, left);
    if (value instanceof Set) return this.#set(out, value, left);
    if (value instanceof Attachment) {
      this.#integers.variant(out, v.ATTACHMENT);
      return this.writeAttachment(out, value, left);
    }
    this.#leaf(out, value);
  }

  #leaf(out: ByteWriter, value: object): void {
    if (value instanceof Float) {
      this.#integers.variant(out, v.FLOAT);
      return writeF64(out, value.value);
    }
    if (value instanceof Ext) {
      this.#integers.variant(out, v.EXT);
      this.#integers.types.i8(out, value.code);
      return writeBytes(out, this.#integers, value.data);
    }
    const [variant, type] = leafOf(value);
    this.#integers.variant(out, variant);
    this.#scalars[type](out, value);
  }

  #list(out: ByteWriter, variant: number, items: readonly unknown[], left: number): void {
    if (left === 0) throw tooDeep(items);
    this.#integers.variant(out, variant);
    this.#integers.length(out, items.length);
    for (let i = 0; i < items.length; i += 1) this.write(out, items[i], left - 1);
  }

  #set(out: ByteWriter, items: ReadonlySet<unknown>, left: number): void {
    if (left === 0) throw tooDeep(items);
    this.#integers.variant(out, v.SET);
    this.#integers.length(out, items.size);
    for (const item of items) this.writeKey(out, item, left - 1);
  }

  #map(
    out: ByteWriter,
    entries: readonly (readonly [unknown, unknown])[],
    map: object,
    left: number,
  ): void {
    if (left === 0) throw tooDeep(map);
    this.#integers.variant(out, v.MAP);
    this.#entries(out, entries, left - 1);
  }

  #entries(out: ByteWriter, entries: readonly (readonly [unknown, unknown])[], left: number): void {
    this.#integers.length(out, entries.length);
    for (const [key, value] of entries as Entries) {
      this.writeKey(out, key, left);
      this.write(out, value, left);
    }
  }

  /** A key of a map or an element of a set: only what Python can hash. */
  writeKey(out: ByteWriter, key: unknown, left: number): void {
    if (!isKey(key)) {
      throw unsupported(KEY_EXPECTED, key);
    }
    this.write(out, key, left);
  }
}

function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The entries of an object; properties that are undefined are left out. */
function presentEntries(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  const entries = Object.entries(record);
  return entries.some(([, value]) => value === undefined)
    ? entries.filter(([, value]) => value !== undefined)
    : entries;
}

function leafOf(value: object): readonly [number, LeafType] {
  if (value instanceof Date) return [v.TIMESTAMP, "timestamp"];
  if (value instanceof Uuid) return [v.UUID, "uuid"];
  if (value instanceof Decimal) return [v.DECIMAL, "decimal"];
  if (value instanceof LocalDate) return [v.DATE, "date"];
  if (value instanceof LocalTime) return [v.TIME, "time"];
  if (value instanceof LocalDateTime) return [v.DATETIME, "datetime"];
  if (value instanceof Duration) return [v.DURATION, "duration"];
  if (value instanceof Complex) return [v.COMPLEX, "complex"];
  if (value instanceof Path) return [v.PATH, "path"];
  if (value instanceof Handle) return [v.HANDLE, "handle"];
  throw unsupported("a value", value);
}
