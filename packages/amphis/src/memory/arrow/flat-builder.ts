const FIRST_BYTES = 512;
const OFFSET_BYTES = 4;
const VTABLE_HEADER_BYTES = 4;
const SLOT_BYTES = 2;
const TABLE_ALIGNMENT = 8;

/** Something that writes itself behind what is there, and says where it is. */
export type FlatPart = (out: FlatBuilder) => number;

/** A field of a table: a number of so many bytes, or where a part is. */
export type FlatField =
  | { readonly bytes: 1 | 2 | 4; readonly value: number }
  | { readonly bytes: 8; readonly value: number }
  | { readonly bytes: 4; readonly part: FlatPart };

export const int8 = (value: number): FlatField => ({ bytes: 1, value });
export const int16 = (value: number): FlatField => ({ bytes: 2, value });
export const int32 = (value: number): FlatField => ({ bytes: 4, value });
export const int64 = (value: number): FlatField => ({ bytes: 8, value });
export const part = (written: FlatPart): FlatField => ({ bytes: 4, part: written });

/** The FlatBuffer whose root this table is. */
export function flatBuffer(root: FlatPart): Uint8Array {
  const out = new FlatBuilder();
  const at = out.reserve(OFFSET_BYTES, OFFSET_BYTES);
  out.refer(at, root(out));
  return out.bytes();
}

/** A table: fields by their number, absent ones undefined. */
export function table(fields: readonly (FlatField | undefined)[]): FlatPart {
  return (out) => {
    const offsets: number[] = [];
    let length = OFFSET_BYTES;
    for (const field of fields) {
      if (field === undefined) {
        offsets.push(0);
        continue;
      }
      length = Math.ceil(length / field.bytes) * field.bytes;
      offsets.push(length);
      length += field.bytes;
    }
    const vtableBytes = VTABLE_HEADER_BYTES + fields.length * SLOT_BYTES;
    const vtable = out.reserve(vtableBytes, SLOT_BYTES);
    const at = out.reserve(length, TABLE_ALIGNMENT);
    out.put(vtable, 2, vtableBytes);
    out.put(vtable + SLOT_BYTES, 2, length);
    for (const [index, offset] of offsets.entries()) {
      out.put(vtable + VTABLE_HEADER_BYTES + index * SLOT_BYTES, 2, offset);
    }
    out.put(at, 4, at - vtable);
    for (const [index, field] of fields.entries()) {
      const place = at + (offsets[index] ?? 0);
      if (field === undefined) continue;
      if ("part" in field) out.refer(place, field.part(out));
      else out.put(place, field.bytes, field.value);
    }
    return at;
  };
}

export function string(text: string): FlatPart {
  return (out) => {
    const encoded = new TextEncoder().encode(text);
    const at = out.reserve(OFFSET_BYTES + encoded.length + 1, OFFSET_BYTES);
    out.put(at, 4, encoded.length);
    out.set(at + OFFSET_BYTES, encoded);
    return at;
  };
}

/** A vector of parts. */
export function parts(items: readonly FlatPart[]): FlatPart {
  return (out) => {
    const at = out.reserve(OFFSET_BYTES + items.length * OFFSET_BYTES, OFFSET_BYTES);
    out.put(at, 4, items.length);
    for (const [index, item] of items.entries()) {
      out.refer(at + OFFSET_BYTES + index * OFFSET_BYTES, item(out));
    }
    return at;
  };
}

/** A vector of items that are so many numbers of so many bytes each. */
export function numbers(bytes: 4 | 8, values: readonly number[], perItem = 1): FlatPart {
  return (out) => {
    // The count lies right before the items, which are aligned to themselves.
    const start = out.reserve(bytes + values.length * bytes, bytes) + bytes;
    out.put(start - OFFSET_BYTES, 4, values.length / perItem);
    for (const [index, value] of values.entries()) out.put(start + index * bytes, bytes, value);
    return start - OFFSET_BYTES;
  };
}

/** Bytes that grow at the end; offsets of FlatBuffers lead forward, so what is referred to is written after what refers. */
export class FlatBuilder {
  #view = new DataView(new ArrayBuffer(FIRST_BYTES));
  #length = 0;

  /** Zeros at a multiple of the alignment. */
  reserve(bytes: number, alignment: number): number {
    const at = Math.ceil(this.#length / alignment) * alignment;
    this.#length = at + bytes;
    while (this.#length > this.#view.byteLength) {
      const larger = new Uint8Array(this.#view.byteLength * 2);
      larger.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  put(at: number, bytes: 1 | 2 | 4 | 8, value: number): void {
    if (bytes === 1) this.#view.setUint8(at, value);
    else if (bytes === 2) this.#view.setUint16(at, value, true);
    else if (bytes === 4) this.#view.setUint32(at, value, true);
    else this.#view.setBigInt64(at, BigInt(value), true);
  }

  refer(at: number, target: number): void {
    this.put(at, OFFSET_BYTES, target - at);
  }

  set(at: number, bytes: Uint8Array): void {
    new Uint8Array(this.#view.buffer).set(bytes, at);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }
}
