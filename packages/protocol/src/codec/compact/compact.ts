import type { Value } from "../../value/index.ts";
import { type ByteWriter, returnWriter, takeWriter } from "../bytes/index.ts";
import { type Codec, type CodecOptions, resolveCodecOptions } from "../codec.ts";
import { generateReader, type Read } from "./decode/generate.ts";
import { LayoutReader } from "./decode/layout.ts";
import { generateWriter, type Write } from "./encode/generate.ts";
import { LayoutWriter } from "./encode/layout.ts";
import { type IntegerConfiguration, type Layout, layoutOf } from "./layout.ts";
import { explain } from "./locate.ts";
import { planLayout } from "./plan.ts";
import { decodeFailed, Reader } from "./reader.ts";
import { canGenerate } from "./source.ts";

export interface CompactOptions extends CodecOptions {
  /** Shorten integers (bincode's standard configuration) or write them at full width (its legacy one). @default "varint" */
  readonly integers?: IntegerConfiguration;
  /** Read what an older or newer version of the schema wrote: its optional properties at the end may be missing or more. @default false */
  readonly evolve?: boolean;
  /** Compile the schema to code, where the platform permits that; otherwise it is walked, which is slower. @default true */
  readonly generate?: boolean;
}

/** A value at the front of longer bytes, and where what follows it begins. */
export interface Prefix<T> {
  readonly value: T;
  readonly end: number;
}

/** A codec for the values of one schema. */
export interface CompactCodec<T = Value> extends Codec<T> {
  readonly name: "compact";
  /**
   * Reads a value that other bytes may follow.
   *
   * @throws {AmphisError} as `decode` does
   */
  decodePrefix(bytes: Uint8Array, offset?: number): Prefix<T>;
  /** Writes a value behind what the writer already holds. */
  write(out: ByteWriter, value: T): void;
}

/**
 * The compact codec for values of any kind: each is written with its kind in front. Where a schema is known, {@link compactFor} is
 * smaller and faster.
 */
export function compact(options: CompactOptions = {}): CompactCodec {
  return new SchemaCodec({ kind: "value" }, options);
}

/**
 * Compiles a codec for one schema, whose layout spec/compact.md defines. Keep it: compiling costs about a millisecond.
 *
 * Encoding checks shapes, not constraints, which are the validator's business.
 *
 * @throws {AmphisError} SCHEMA_INVALID with the JSON pointer of the place that has no layout
 */
export function compactFor<T = Value>(
  schema: object | boolean,
  options: CompactOptions = {},
): CompactCodec<T> {
  return new SchemaCodec<T>(planLayout(schema), options);
}

/** As {@link compactFor}, for a schema whose strings are names: of endpoints, of contracts. Few of them come again and again. */
export function compactForNames<T>(schema: object, options: CodecOptions): CompactCodec<T> {
  return new SchemaCodec<T>(planLayout(schema), options, true);
}

class SchemaCodec<T> implements CompactCodec<T> {
  readonly name = "compact";
  readonly #layout: Layout;
  readonly #settings: Required<CodecOptions>;
  readonly #evolve: boolean;
  readonly #writer: LayoutWriter;
  readonly #write: Write;
  readonly #read: Read;

  constructor(layout: Layout, options: CompactOptions, names = false) {
    const { integers = "varint", evolve = false, generate = true } = options;
    if (integers !== "varint" && integers !== "fixed") {
      throw new TypeError(
        `Cannot make codec: integers must be "varint" or "fixed", got ${JSON.stringify(integers)}`,
      );
    }
    const root = layout.kind === "reference" ? layoutOf(layout.definition) : layout;
    const writer = new LayoutWriter(integers);
    const reader = new LayoutReader(integers, names);
    const generated = generate && root.kind !== "value" && canGenerate();
    this.#layout = root;
    this.#settings = resolveCodecOptions(options);
    this.#evolve = evolve;
    this.#writer = writer;
    this.#write = generated
      ? generateWriter(root, writer)
      : (out, value, left) => writer.write(root, out, value, left);
    this.#read = generated
      ? generateReader(root, reader, evolve)
      : (from, left) => reader.readRoot(root, from, left, evolve);
  }

  encode(value: T): Uint8Array {
    const out = takeWriter();
    try {
      this.write(out, value);
      return out.finish();
    } finally {
      returnWriter(out);
    }
  }

  write(out: ByteWriter, value: T): void {
    const { maxDepth } = this.#settings;
    try {
      this.#write(out, value, maxDepth);
    } catch (thrown) {
      throw explain(thrown, this.#layout, value, this.#writer, maxDepth);
    }
  }

  decode(bytes: Uint8Array): T {
    const from = new Reader(bytes, 0, this.#settings);
    const value = this.#read(from, this.#settings.maxDepth) as T;
    if (from.at !== from.end && !this.#evolve) {
      throw decodeFailed(from.at, `${from.end - from.at} bytes follow the value`);
    }
    return value;
  }

  decodePrefix(bytes: Uint8Array, offset = 0): Prefix<T> {
    if (!Number.isInteger(offset) || offset < 0 || offset > bytes.length) {
      throw new RangeError(
        `Cannot decode compact: offset must be an integer from 0 to ${bytes.length}, got ${offset}`,
      );
    }
    const from = new Reader(bytes, offset, this.#settings);
    const value = this.#read(from, this.#settings.maxDepth) as T;
    return { value, end: from.at };
  }
}
