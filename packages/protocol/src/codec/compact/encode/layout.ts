import type { ByteWriter } from "../../bytes/index.ts";
import { Float } from "../../../value/index.ts";
import { equalsConstant } from "../equal.ts";
import { fits, recordOf } from "../fits.ts";
import { isKey, KEY_EXPECTED } from "../../key.ts";
import { type IntegerConfiguration, type Layout, layoutOf, type Property } from "../layout.ts";
import { outOfRange, tooDeep, unsupported } from "../refuse.ts";
import { bytesOf, writeBytes, writeF32, writeF64, writeRaw } from "./bytes.ts";
import { type IntegerWriters, integerWriters } from "./integer.ts";
import { type LeafType, scalarWriters, type WriteScalar } from "./scalar.ts";
import { textWriter, type WriteText, writeChar } from "./text.ts";
import { ValueWriter } from "./value.ts";

type Of<K extends Layout["kind"]> = Extract<Layout, { readonly kind: K }>;

/**
 * Writes values by walking their layout. Generated code does the same for the common kinds and calls this for the others; where code
 * cannot be generated, this does it all.
 */
export class LayoutWriter {
  readonly integers: IntegerWriters;
  readonly text: WriteText;
  readonly scalars: Readonly<Record<LeafType, WriteScalar>>;
  readonly values: ValueWriter;

  constructor(configuration: IntegerConfiguration) {
    this.integers = integerWriters(configuration);
    this.text = textWriter(configuration);
    this.scalars = scalarWriters(configuration);
    this.values = new ValueWriter(configuration);
  }

  /**
   * `left` is how many more levels the value may nest.
   *
   * @throws {Refusal} for what does not fit
   */
  write(layout: Layout, out: ByteWriter, value: unknown, left: number): void {
    switch (layout.kind) {
      case "integer":
        return this.integers.types[layout.type](out, value);
      case "float":
        return layout.bits === 32 ? writeF32(out, numberOf(value)) : writeF64(out, numberOf(value));
      case "boolean":
        return writeBoolean(out, value);
      case "char":
        return writeChar(out, value);
      case "string":
        return writeString(out, value, this.text);
      case "bytes":
        return layout.length === undefined
          ? writeBytes(out, this.integers, value)
          : writeFixedBytes(out, value, layout.length);
      case "value":
        return this.values.write(out, value, left);
      case "int":
        return this.values.writeInt(out, value);
      case "scalar":
        return layout.type === "attachment"
          ? this.values.writeAttachment(out, value, left)
          : this.scalars[layout.type](out, value);
      case "constant":
        if (!equalsConstant(value, layout.value)) {
          throw unsupported(constantText(layout.value), value);
        }
        return;
      case "choice":
        return this.#choice(layout, out, value);
      case "option":
        return this.#option(layout.inner, out, value, left);
      case "variant":
        return this.#variant(layout, out, value, left);
      case "reference":
        return this.write(layoutOf(layout.definition), out, value, left);
      default:
        if (left === 0 && typeof value === "object" && value !== null) throw tooDeep(value);
        return this.#nested(layout, out, value, left - 1);
    }
  }

  #choice(layout: Of<"choice">, out: ByteWriter, value: unknown): void {
    const index = layout.values.findIndex((constant) => equalsConstant(value, constant));
    if (index === -1) {
      throw unsupported(`one of ${layout.values.map(constantText).join(", ")}`, value);
    }
    this.integers.variant(out, index);
  }

  #option(inner: Layout, out: ByteWriter, value: unknown, left: number): void {
    const present = value !== null && value !== undefined;
    writeBoolean(out, present);
    if (present) this.write(inner, out, value, left);
  }

  #variant(layout: Of<"variant">, out: ByteWriter, value: unknown, left: number): void {
    const index = layout.members.findIndex((member) => fits(member, value, left));
    const member = layout.members[index];
    if (member === undefined) {
      throw unsupported(`a value of one of ${layout.members.length} forms`, value);
    }
    this.integers.variant(out, index);
    this.write(member, out, value, left);
  }

  #nested(
    layout: Of<"list" | "set" | "array" | "tuple" | "struct" | "record" | "map">,
    out: ByteWriter,
    value: unknown,
    left: number,
  ): void {
    switch (layout.kind) {
      case "list": {
        const list = listOf(value, undefined);
        this.integers.length(out, list.length);
        for (const item of list) this.write(layout.items, out, item, left);
        return;
      }
      case "array":
        for (const item of listOf(value, layout.length)) this.write(layout.items, out, item, left);
        return;
      case "tuple": {
        const list = listOf(value, layout.members.length);
        for (const [index, member] of layout.members.entries()) {
          this.write(member, out, list[index], left);
        }
        return;
      }
      case "set":
        return this.#set(layout, out, value, left);
      case "struct":
        return this.#struct(layout.properties, out, value, left);
      case "record":
        return this.#record(layout.values, out, value, left);
      case "map":
        return this.#map(layout, out, value, left);
    }
  }

  #set(layout: Of<"set">, out: ByteWriter, value: unknown, left: number): void {
    if (!(value instanceof Set)) throw unsupported("a set", value);
    this.integers.length(out, value.size);
    for (const item of value) this.#key(layout.items, out, item, left);
  }

  #struct(properties: readonly Property[], out: ByteWriter, value: unknown, left: number): void {
    const record = recordOf(value);
    if (record === undefined) throw unsupported("a map", value);
    for (const { name, layout, optional } of properties) {
      const item = Object.hasOwn(record, name) ? record[name] : undefined;
      if (optional) writeBoolean(out, item !== undefined);
      if (item !== undefined) {
        this.write(layout, out, item, left);
      } else if (!optional) throw unsupported(`a map with ${JSON.stringify(name)}`, record);
    }
    refuseUndeclared(record, properties);
  }

  #record(values: Layout, out: ByteWriter, value: unknown, left: number): void {
    const record = recordOf(value);
    if (record === undefined) throw unsupported("a map with string keys", value);
    const names = Object.keys(record).filter(
      (name) => record[name] !== undefined || value instanceof Map,
    );
    this.integers.length(out, names.length);
    for (const name of names) {
      this.text(out, name);
      this.write(values, out, record[name], left);
    }
  }

  #map(layout: Of<"map">, out: ByteWriter, value: unknown, left: number): void {
    const entries = entriesOf(value);
    this.integers.length(out, entries.length);
    for (const [key, item] of entries) {
      this.#key(layout.keys, out, key, left);
      this.write(layout.values, out, item, left);
    }
  }

  #key(layout: Layout, out: ByteWriter, key: unknown, left: number): void {
    if (!isKey(key)) {
      throw unsupported(KEY_EXPECTED, key);
    }
    this.write(layout, out, key, left);
  }
}

/** A property that the schema does not declare would be lost without a word. One that is undefined is as good as absent. */
export function refuseUndeclared(
  record: Readonly<Record<string, unknown>>,
  properties: readonly Property[],
): void {
  const known = new Set(properties.map(({ name }) => name));
  const stray = Object.keys(record).find((name) => record[name] !== undefined && !known.has(name));
  if (stray !== undefined) throw unsupported(`a map without ${JSON.stringify(stray)}`, record);
}

export function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...value];
  const record = recordOf(value);
  if (record === undefined) throw unsupported("a map", value);
  return Object.entries(record).filter(([, item]) => item !== undefined);
}

export function writeBoolean(out: ByteWriter, value: unknown): void {
  if (typeof value !== "boolean") throw unsupported("a bool", value);
  out.ensure(1);
  out.bytes[out.at++] = value ? 1 : 0;
}

function writeString(out: ByteWriter, value: unknown, text: WriteText): void {
  if (typeof value !== "string") throw unsupported("a string", value);
  text(out, value);
}

export function writeFixedBytes(out: ByteWriter, value: unknown, length: number): void {
  const bytes = bytesOf(value);
  if (bytes.length !== length) throw unsupported(`${length} bytes`, value);
  writeRaw(out, bytes);
}

export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Float) return value.value;
  if (typeof value !== "bigint") throw unsupported("a number", value);
  const near = Number(value);
  if (!Number.isFinite(near) || BigInt(near) !== value) {
    throw outOfRange("an int that a float can hold", value);
  }
  return near;
}

export function listOf(value: unknown, length: number | undefined): readonly unknown[] {
  if (!Array.isArray(value)) throw unsupported("a list", value);
  if (length !== undefined && value.length !== length) {
    throw unsupported(`a list of ${length}`, value);
  }
  return value;
}

function constantText(constant: unknown): string {
  return typeof constant === "bigint"
    ? String(constant)
    : (JSON.stringify(constant) ?? "a constant");
}
