import { AmphisError, type ReferenceDescriptor } from "@amphis/protocol";

import { type Dtype, type DtypeInfo, dtypeInfo, type Element, type TypedArray } from "./dtype.ts";
import {
  contiguousStrides,
  countOf,
  invalid,
  isContiguous,
  type Layout,
  offsetsOf,
  proveLayout,
} from "./layout.ts";

/** Memory that a tensor shows: a lease, or bytes of this process. */
export interface TensorMemory {
  readonly bytes: Uint8Array;
  /** Number of bytes, where that is known without showing them: a view of much memory costs. */
  readonly byteLength?: number;
  /** Copies bytes to its start, where that costs less than to show it. */
  write?(bytes: Uint8Array): void;
  /** Lets go of memory that is lent. */
  release?(): void;
}

/** Copies bytes to the start of memory. */
export function writeTo(memory: TensorMemory, bytes: Uint8Array): void {
  if (memory.write === undefined) memory.bytes.set(bytes);
  else memory.write(bytes);
}

/** Elements in lists, one level for each dimension; an element alone when there is none. */
export type Nested = Element | readonly Nested[];

/** What the other side needs to show the same elements. */
export interface TensorDescriptor extends ReferenceDescriptor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Where in the referenced bytes the element at index 0 is. */
  readonly byteOffset: number;
  /** Whoever shows the elements must not write to them. */
  readonly readOnly?: true;
}

/** An array of the platform that is read only by what the type system says. */
export type ReadonlyView = Omit<
  TypedArray,
  "set" | "fill" | "sort" | "reverse" | "copyWithin" | "buffer" | "subarray"
> & { readonly [index: number]: number | bigint };

export interface TensorInit extends Layout {
  readonly dtype: Dtype;
  readonly isReadOnly?: boolean | undefined;
}

/**
 * Numbers in a regular grid over memory that somebody else may see too. Copies nothing unless it says so.
 *
 * That every element lies inside its memory is proven when the tensor is made. Over a lease it ends with the lease: then everything but
 * its shape is refused with LEASE_RELEASED.
 */
export class Tensor implements TensorInit, Disposable {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly byteOffset: number;
  readonly isReadOnly: boolean;
  /** Number of elements. */
  readonly size: number;
  /** The lease or the bytes it was made over. */
  readonly memory: TensorMemory;
  readonly #info: DtypeInfo;

  /** @throws {AmphisError} TENSOR_INVALID when an element lies outside the memory */
  constructor(memory: TensorMemory, init: TensorInit) {
    this.#info = dtypeInfo(init.dtype);
    proveLayout(init, this.#info.bytes, memory.byteLength ?? memory.bytes.byteLength);
    this.memory = memory;
    this.dtype = init.dtype;
    this.shape = Object.freeze([...init.shape]);
    this.strides = Object.freeze([...init.strides]);
    this.byteOffset = init.byteOffset;
    this.isReadOnly = init.isReadOnly ?? false;
    this.size = countOf(this.shape);
  }

  get itemBytes(): number {
    return this.#info.bytes;
  }

  /** Whether the last index runs fastest and nothing lies between the elements. */
  get isContiguous(): boolean {
    return isContiguous(this, this.#info.bytes, "C");
  }

  /** Whether the first index runs fastest and nothing lies between the elements. */
  get isFortranContiguous(): boolean {
    return isContiguous(this, this.#info.bytes, "F");
  }

  /** For the wire. */
  get descriptor(): TensorDescriptor {
    const { dtype, shape, strides, byteOffset } = this;
    const layout = { dtype, shape, strides, byteOffset };
    return this.isReadOnly ? { ...layout, readOnly: true } : layout;
  }

  /** @throws {RangeError} when there is no such index */
  at(...index: readonly number[]): Element {
    return this.#info.read(this.#data(), this.#offsetOf(index));
  }

  /**
   * Writes one element.
   *
   * @throws {AmphisError} TENSOR_READ_ONLY
   * @throws {RangeError} when there is no such index, or the type cannot hold the value
   */
  set(index: readonly number[], value: Element): void {
    this.#checkWritable();
    this.#info.write(this.#data(), this.#offsetOf(index), value);
  }

  /**
   * The elements in place, as the array of the platform: bits for float16 and bfloat16, pairs for complex numbers, 0 and 1 for bool.
   *
   * @throws {AmphisError} TENSOR_READ_ONLY; TENSOR_INVALID when they do not lie in one piece, or not where such an array can be
   */
  view(): TypedArray {
    this.#checkWritable();
    return this.#view();
  }

  /** As `view`, of a read-only tensor too; the platform cannot stop who writes there all the same. */
  readView(): ReadonlyView {
    return this.#view() as unknown as ReadonlyView;
  }

  /** The elements with their dimensions in another order, over the same memory; the reverse order by default. */
  transpose(
    order: readonly number[] = this.shape.map((_, at) => this.shape.length - 1 - at),
  ): Tensor {
    const isOrder =
      order.length === this.shape.length && this.shape.every((_, at) => order.includes(at));
    if (!isOrder) throw invalid(`[${order.join(", ")}] is no order of its dimensions`);
    return this.#with({
      shape: order.map((at) => this.shape[at] as number),
      strides: order.map((at) => this.strides[at] as number),
    });
  }

  /** The same memory, not to be written through this. */
  asReadOnly(): Tensor {
    return this.#with({ isReadOnly: true });
  }

  /** The elements one after another, the last index running fastest. */
  *elements(): Generator<Element> {
    const data = this.#data();
    for (const offset of offsetsOf(this)) yield this.#info.read(data, offset);
  }

  /** A copy of the elements in lists; integers of 64 bits as `bigint`. */
  toNested(): Nested {
    const elements = this.elements();
    const build = (dimension: number): Nested =>
      dimension === this.shape.length
        ? (elements.next().value as Element)
        : Array.from({ length: this.shape[dimension] as number }, () => build(dimension + 1));
    return build(0);
  }

  /** A copy in one piece in memory of this process. */
  copy(): Tensor {
    return this.copyTo({ bytes: new Uint8Array(this.size * this.itemBytes) });
  }

  /** A copy in one piece at the start of other memory. @throws {AmphisError} TENSOR_INVALID when it is too small */
  copyTo(memory: TensorMemory): Tensor {
    const { bytes } = this.#info;
    const { dtype, shape } = this;
    const strides = contiguousStrides(shape, bytes, "C");
    const copy = new Tensor(memory, { dtype, shape, strides, byteOffset: 0 });
    const source = this.memory.bytes;
    if (this.isContiguous) {
      writeTo(memory, source.subarray(this.byteOffset, this.byteOffset + this.size * bytes));
      return copy;
    }
    const { bytes: target } = memory;
    let to = 0;
    for (const from of offsetsOf(this)) {
      for (let byte = 0; byte < bytes; byte += 1) {
        target[to + byte] = source[from + byte] as number;
      }
      to += bytes;
    }
    return copy;
  }

  /** Lets go of its share in shared memory, if it has one; it shows nothing any more then. */
  release(): void {
    this.memory.release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #with(change: Partial<TensorInit>): Tensor {
    const { dtype, shape, strides, byteOffset, isReadOnly } = this;
    return new Tensor(this.memory, { dtype, shape, strides, byteOffset, isReadOnly, ...change });
  }

  #view(): TypedArray {
    const { View, viewLength, partBytes } = this.#info;
    if (!this.isContiguous) throw invalid("its elements do not lie in one piece; copy it first");
    const { buffer, byteOffset } = this.memory.bytes;
    const start = byteOffset + this.byteOffset;
    if (start % partBytes !== 0) {
      throw invalid(`its elements are not aligned to ${partBytes} bytes; copy it first`);
    }
    return new View(buffer, start, this.size * viewLength);
  }

  #data(): DataView {
    const { buffer, byteOffset, byteLength } = this.memory.bytes;
    return new DataView(buffer, byteOffset, byteLength);
  }

  #offsetOf(index: readonly number[]): number {
    if (index.length !== this.shape.length) {
      throw new RangeError(
        `Cannot find element: tensor has ${this.shape.length} dimensions, got ${index.length}`,
      );
    }
    let offset = this.byteOffset;
    for (const [at, position] of index.entries()) {
      const length = this.shape[at] as number;
      if (!Number.isInteger(position) || position < 0 || position >= length) {
        throw new RangeError(
          `Cannot find element: index ${position} is not in dimension ${at} of ${length}`,
        );
      }
      offset += position * (this.strides[at] as number);
    }
    return offset;
  }

  #checkWritable(): void {
    if (!this.isReadOnly) return;
    throw new AmphisError("TENSOR_READ_ONLY", "Cannot write tensor: it is read-only", {});
  }
}
