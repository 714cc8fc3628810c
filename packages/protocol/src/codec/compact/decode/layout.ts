import { Tuple } from "../../../value/index.ts";
import { setProperty } from "../../record.ts";
import { copyConstant } from "../equal.ts";
import { type IntegerConfiguration, type Layout, layoutOf, type Property } from "../layout.ts";
import { decodeFailed, type Reader } from "../reader.ts";
import { minimumBytes } from "../size.ts";
import type { LeafType } from "../encode/scalar.ts";
import { type IntegerReaders, integerReaders } from "./integer.ts";
import {
  readBoolean,
  readBytes,
  readChar,
  readF32,
  readF64,
  readName,
  readRaw,
  type ReadScalar,
  readText,
  scalarReaders,
} from "./scalar.ts";
import { enter, floatOf, MapBuilder, ValueReader } from "./value.ts";

type Of<K extends Layout["kind"]> = Extract<Layout, { readonly kind: K }>;

/** Reads values by walking their layout; the counterpart of `LayoutWriter`. */
export class LayoutReader {
  readonly integers: IntegerReaders;
  readonly scalars: Readonly<Record<LeafType, ReadScalar>>;
  readonly values: ValueReader;
  /** Reads a string of the layout. */
  readonly text: typeof readText;

  /** @param names whether strings are names that come again, so that looking them up is worth it */
  constructor(configuration: IntegerConfiguration, names = false) {
    this.text = names ? readName : readText;
    this.integers = integerReaders(configuration);
    this.scalars = scalarReaders(configuration);
    this.values = new ValueReader(configuration);
  }

  /** `left` is how many more levels the value may nest. */
  read(layout: Layout, from: Reader, left: number): unknown {
    switch (layout.kind) {
      case "integer":
        return this.integers.types[layout.type](from);
      case "float":
        return floatOf(layout.bits === 32 ? readF32(from) : readF64(from), from);
      case "boolean":
        return readBoolean(from);
      case "char":
        return readChar(from);
      case "string":
        return this.text(from, this.integers);
      case "bytes":
        return layout.length === undefined
          ? readBytes(from, this.integers)
          : readRaw(from, layout.length);
      case "value":
        return this.values.read(from, left);
      case "int":
        return this.values.readInt(from);
      case "scalar":
        return layout.type === "attachment"
          ? this.values.readAttachment(from, left)
          : this.scalars[layout.type](from);
      case "constant":
        return copyConstant(layout.value);
      case "choice":
        return copyConstant(layout.values[this.index(from, layout.values.length)]);
      case "option":
        return readBoolean(from) ? this.read(layout.inner, from, left) : null;
      case "variant":
        return this.read(
          layout.members[this.index(from, layout.members.length)] as Layout,
          from,
          left,
        );
      case "reference":
        return this.read(layoutOf(layout.definition), from, left);
      default:
        return this.#nested(layout, from, enter(from, left));
    }
  }

  /** A whole value. With `evolve`, optional properties at the end of a struct may be missing. */
  readRoot(layout: Layout, from: Reader, left: number, evolve: boolean): unknown {
    if (!evolve || layout.kind !== "struct") return this.read(layout, from, left);
    return this.#struct(
      layout.properties,
      from,
      enter(from, left),
      trailingOptional(layout.properties),
    );
  }

  /** The index of an enum variant among `count`. */
  index(from: Reader, count: number): number {
    const { at } = from;
    const index = this.integers.variant(from);
    if (index >= count) throw decodeFailed(at, `there is no variant ${index} among ${count}`);
    return index;
  }

  #nested(
    layout: Of<"list" | "set" | "array" | "tuple" | "struct" | "record" | "map">,
    from: Reader,
    left: number,
  ): unknown {
    switch (layout.kind) {
      case "list":
        return this.#items(
          layout.items,
          from,
          this.integers.count(from, minimumBytes(layout.items)),
          left,
        );
      case "array":
        if (layout.length * minimumBytes(layout.items) > from.end - from.at) {
          throw from.truncated(layout.length);
        }
        return this.#items(layout.items, from, layout.length, left);
      case "tuple":
        return layout.members.map((member) => this.read(member, from, left));
      case "set":
        return this.#set(layout, from, left);
      case "struct":
        return this.#struct(layout.properties, from, left, 0);
      case "record":
        return this.#record(layout.values, from, left);
      case "map":
        return this.#map(layout, from, left);
    }
  }

  #items(items: Layout, from: Reader, count: number, left: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < count; i += 1) list.push(this.read(items, from, left));
    return list;
  }

  #set(layout: Of<"set">, from: Reader, left: number): Set<unknown> {
    const set = new Set<unknown>();
    for (let count = this.integers.count(from, minimumBytes(layout.items)); count > 0; count -= 1) {
      set.add(this.#key(layout.items, from, left));
    }
    return set;
  }

  #struct(
    properties: readonly Property[],
    from: Reader,
    left: number,
    trailing: number,
  ): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const [index, { name, layout, optional }] of properties.entries()) {
      const ended = index >= properties.length - trailing && from.at === from.end;
      if (!optional || (!ended && readBoolean(from))) {
        setProperty(record, name, this.read(layout, from, left));
      }
    }
    return record;
  }

  #record(values: Layout, from: Reader, left: number): unknown {
    const building = new MapBuilder(from.settings.maps);
    const count = this.integers.count(from, 1 + minimumBytes(values));
    for (let i = 0; i < count; i += 1) {
      building.add(readText(from, this.integers), this.read(values, from, left));
    }
    return building.map;
  }

  #map(layout: Of<"map">, from: Reader, left: number): unknown {
    const building = new MapBuilder(from.settings.maps);
    const count = this.integers.count(
      from,
      minimumBytes(layout.keys) + minimumBytes(layout.values),
    );
    for (let i = 0; i < count; i += 1) {
      building.add(this.#key(layout.keys, from, left), this.read(layout.values, from, left));
    }
    return building.map;
  }

  #key(layout: Layout, from: Reader, left: number): unknown {
    const { at } = from;
    const read = this.read(layout, from, left);
    const key = layout.kind === "tuple" && Array.isArray(read) ? Tuple.from(read) : read;
    from.checkKey(key, at);
    return key;
  }
}

/** How many properties at the end are optional. */
export function trailingOptional(properties: readonly Property[]): number {
  return properties.length - 1 - properties.findLastIndex(({ optional }) => !optional);
}
