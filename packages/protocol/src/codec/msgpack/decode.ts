import type { Value } from "../../value/index.ts";
import { Float } from "../../value/index.ts";
import { readUtf8, TextCache } from "../bytes/index.ts";
import type { CodecOptions } from "../codec.ts";
import type { Adoption } from "../foreign.ts";
import { corrupt, tooDeep } from "../corrupt.ts";
import { narrow } from "../integer.ts";
import { BigIntKeys, isKey, KEY_RULE, TOO_ALIKE } from "../key.ts";
import { asRecord, setProperty } from "../record.ts";
import { readExtension } from "./decode-extension.ts";
import * as f from "./format.ts";

const names = new TextCache();

const FLOAT = new Float64Array(1);
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);
/** Where the most significant byte of a float is on this machine, and which way the others are. */
const FIRST = new Uint8Array(new Float64Array([-0]).buffer)[7] === 0x80 ? 7 : 0;
const STEP = FIRST === 7 ? -1 : 1;

/** A big-endian float, without a DataView: floats are common, and a view would be made for each message that has one. */
function readFloat64(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i += 1) FLOAT_BYTES[FIRST + i * STEP] = bytes[at + i] as number;
  return FLOAT[0] as number;
}

/** Reads values from bytes that anyone may have written. */
export class MsgpackReader {
  readonly bytes: Uint8Array;
  /** Where the input ends; inside an extension, where that ends. */
  end: number;
  readonly maxDepth: number;
  readonly exactFloats: boolean;
  readonly asMaps: boolean;
  readonly adoption: Adoption | undefined;
  at: number;
  #view: DataView | undefined;
  #bigIntKeys: BigIntKeys | undefined;

  constructor(
    bytes: Uint8Array,
    at: number,
    end: number,
    options: Required<CodecOptions>,
    adoption?: Adoption,
  ) {
    this.adoption = adoption;
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.maxDepth = options.maxDepth;
    this.exactFloats = options.exactFloats;
    this.asMaps = options.maps === "map";
  }

  /** One value; `left` is how many more levels it may nest. */
  read(left: number): Value {
    if (this.at >= this.end) throw this.corrupt("the input ends where a value should start");
    const head = this.bytes[this.at++] as number;
    if (head < 0x80) return head;
    if (head < 0x90) return this.#map(head & 0x0f, left);
    if (head < 0xa0) return this.list(head & 0x0f, left);
    if (head < 0xc0) return this.text(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    return this.#marked(head, left);
  }

  #marked(head: number, left: number): Value {
    switch (head) {
      case f.NIL:
        return null;
      case f.FALSE:
        return false;
      case f.TRUE:
        return true;
      case f.BIN8:
        return this.slice(this.uint8());
      case f.BIN16:
        return this.slice(this.uint16());
      case f.BIN32:
        return this.slice(this.uint32());
      case f.FLOAT32:
        return this.#float(this.view.getFloat32(this.skip(4)));
      case f.FLOAT64:
        return this.#float(readFloat64(this.bytes, this.skip(8)));
      case f.UINT8:
        return this.uint8();
      case f.UINT16:
        return this.uint16();
      case f.UINT32:
        return this.uint32();
      case f.UINT64:
        return this.#uint64();
      case f.INT8:
        return this.view.getInt8(this.skip(1));
      case f.INT16:
        return this.view.getInt16(this.skip(2));
      case f.INT32:
        return this.view.getInt32(this.skip(4));
      case f.INT64:
        return narrow(this.view.getBigInt64(this.skip(8)));
      default:
        return this.#sized(head, left);
    }
  }

  #sized(head: number, left: number): Value {
    switch (head) {
      case f.STR8:
        return this.text(this.uint8());
      case f.STR16:
        return this.text(this.uint16());
      case f.STR32:
        return this.text(this.uint32());
      case f.ARRAY16:
        return this.list(this.uint16(), left);
      case f.ARRAY32:
        return this.list(this.uint32(), left);
      case f.MAP16:
        return this.#map(this.uint16(), left);
      case f.MAP32:
        return this.#map(this.uint32(), left);
      case f.EXT8:
        return readExtension(this, this.uint8(), left);
      case f.EXT16:
        return readExtension(this, this.uint16(), left);
      case f.EXT32:
        return readExtension(this, this.uint32(), left);
      case f.FIXEXT1:
      case f.FIXEXT2:
      case f.FIXEXT4:
      case f.FIXEXT8:
      case f.FIXEXT16:
        return readExtension(this, 1 << (head - f.FIXEXT1), left);
      default:
        throw this.corrupt("0xc1 is not used in MessagePack", -1);
    }
  }

  /** Made when it is needed: few messages need it, and to make it costs as much as to read a small one. */
  get view(): DataView {
    return (this.#view ??= new DataView(
      this.bytes.buffer,
      this.bytes.byteOffset,
      this.bytes.length,
    ));
  }

  /** Moves past `count` bytes that must be there, and returns where they start. */
  skip(count: number): number {
    const { at } = this;
    if (count > this.end - at) {
      throw this.corrupt(`${count} bytes are needed and ${this.end - at} are left`);
    }
    this.at = at + count;
    return at;
  }

  uint8(): number {
    return this.bytes[this.skip(1)] as number;
  }

  uint16(): number {
    const at = this.skip(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  #uint64(): number | bigint {
    const at = this.skip(8);
    this.at = at;
    const high = this.uint32();
    const low = this.uint32();
    return high < 0x20_0000 ? high * 0x1_0000_0000 + low : this.view.getBigUint64(at);
  }

  #float(value: number): number | Float {
    return this.exactFloats && Number.isSafeInteger(value) ? new Float(value) : value;
  }

  slice(length: number): Uint8Array {
    const at = this.skip(length);
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, length);
  }

  text(length: number): string {
    const at = this.skip(length);
    const text = readUtf8(this.bytes, at, length);
    if (text === undefined) throw this.corrupt("the string is not valid UTF-8", -length);
    return text;
  }

  list(length: number, left: number): Value[] {
    this.#enter(length, left);
    const list: Value[] = [];
    for (let i = 0; i < length; i += 1) list.push(this.read(left - 1));
    return list;
  }

  /** The head of an array that must come next. */
  arrayLength(): number {
    const head = this.uint8();
    const length =
      head >= 0x90 && head < 0xa0
        ? head & 0x0f
        : head === f.ARRAY16
          ? this.uint16()
          : head === f.ARRAY32
            ? this.uint32()
            : -1;
    if (length < 0) throw this.corrupt("an array should start here", -1);
    return length;
  }

  /** A container of `count` items takes at least a byte for each, so a count that cannot be true is refused before anything is made. */
  #enter(count: number, left: number): void {
    if (left === 0) throw tooDeep("msgpack", this.maxDepth);
    if (count > this.end - this.at) {
      throw this.corrupt(
        `${count} items cannot fit in the ${this.end - this.at} bytes that are left`,
      );
    }
  }

  #map(count: number, left: number): Value {
    this.#enter(count * 2, left);
    return this.asMaps ? this.#entries(new Map(), count, left) : this.#record(count, left);
  }

  #record(count: number, left: number): Value {
    const record: Record<string, Value> = {};
    for (let i = 0; i < count; i += 1) {
      const key = this.nameIfNext();
      if (key === undefined) return this.#entries(new Map(Object.entries(record)), count - i, left);
      if (isIndexLike(key)) {
        return this.#reordered(new Map(Object.entries(record)), key, count - i, left);
      }
      setProperty(record, key, this.read(left - 1));
    }
    return record;
  }

  /**
   * Goes on from a key that a plain object would move to its front. Whether the map becomes one is known at its end: a `Map`, which
   * it becomes for the sake of another key, keeps the order.
   */
  #reordered(map: Map<Value, Value>, key: string, count: number, left: number): Value {
    map.set(key, this.read(left - 1));
    const entries = this.#entries(map, count - 1, left);
    return asRecord(entries) ?? entries;
  }

  /** As {@link MsgpackReader.name}; undefined, with nothing read, when what comes next is no string. */
  nameIfNext(): string | undefined {
    if (this.at >= this.end) {
      throw this.corrupt("the input ends where a string or another value should start");
    }
    const head = this.bytes[this.at] as number;
    return (head >= 0xa0 && head < 0xc0) || (head >= f.STR8 && head <= f.STR32)
      ? this.name()
      : undefined;
  }

  /** A string that must come next and is likely to come again: a key, the name of an endpoint. */
  name(): string {
    const head = this.uint8();
    const length =
      head >= 0xa0 && head < 0xc0
        ? head & 0x1f
        : head === f.STR8
          ? this.uint8()
          : head === f.STR16
            ? this.uint16()
            : head === f.STR32
              ? this.uint32()
              : -1;
    if (length < 0) throw this.corrupt("a string should start here", -1);
    const at = this.skip(length);
    const name = names.read(this.bytes, at, length);
    if (name === undefined) throw this.corrupt("the string is not valid UTF-8", -length);
    return name;
  }

  #entries(map: Map<Value, Value>, count: number, left: number): Map<Value, Value> {
    for (let i = 0; i < count; i += 1) {
      const key = this.readKey(left - 1);
      map.set(key, this.read(left - 1));
    }
    return map;
  }

  /** A value that may be a key of a map or an element of a set. */
  readKey(left: number): Value {
    const { at } = this;
    const key = this.read(left);
    if (!isKey(key)) throw corrupt("msgpack", at, KEY_RULE);
    if (typeof key === "bigint" && !(this.#bigIntKeys ??= new BigIntKeys()).accepts(key)) {
      throw corrupt("msgpack", at, TOO_ALIKE);
    }
    return key;
  }

  corrupt(reason: string, offset = 0): Error {
    return corrupt("msgpack", this.at + offset, reason);
  }
}

/** Whether a text starts as the keys do that objects sort; a few others do too, at no harm. */
function isIndexLike(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57;
}
