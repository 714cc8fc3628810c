import { type AmphisError, Complex } from "@amphis/protocol";

import type { Arena } from "./arena.ts";
import {
  type Dtype,
  dtypeInfo,
  type Element,
  parseDtype,
  type TypedArray,
  unsupported,
} from "./dtype.ts";
import { contiguousStrides, countOf, invalid, type Order } from "./layout.ts";
import { type Nested, Tensor, type TensorMemory } from "./tensor.ts";

export interface NewTensorOptions {
  /** @default float64 */
  readonly dtype?: Dtype | undefined;
  /** @default C */
  readonly order?: Order | undefined;
  /** Where its memory is lent from; it is the lease of `tensor.memory`. @default memory of this process */
  readonly arena?: Arena | undefined;
  /** @default 0, this process */
  readonly holder?: number | undefined;
}

export interface TensorOptions extends NewTensorOptions {
  /** @default as nested, or one dimension */
  readonly shape?: readonly number[] | undefined;
}

export interface FromBytesOptions {
  /** NumPy name or code: `float32`, `<f4`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** @default rows in one piece */
  readonly strides?: readonly number[] | undefined;
  /** @default 0 */
  readonly byteOffset?: number | undefined;
  /** @default false */
  readonly isReadOnly?: boolean | undefined;
  /** What happens to big-endian elements: `refuse` by DTYPE_UNSUPPORTED, or `convert` to a copy. @default refuse */
  readonly bigEndian?: "refuse" | "convert" | undefined;
}

/** A tensor whose elements are whatever was in its memory. */
export function empty(shape: readonly number[], options: NewTensorOptions = {}): Tensor {
  const { dtype = "float64", order = "C", arena, holder } = options;
  const { bytes } = dtypeInfo(dtype);
  const length = countOf(shape) * bytes;
  if (!Number.isSafeInteger(length)) throw invalid("it has more bytes than 2^53");
  const memory: TensorMemory =
    arena === undefined ? { bytes: new Uint8Array(length) } : arena.allocate(length, { holder });
  const strides = contiguousStrides(shape, bytes, order);
  return new Tensor(memory, { dtype, shape, strides, byteOffset: 0 });
}

export function zeros(shape: readonly number[], options: NewTensorOptions = {}): Tensor {
  const tensor = empty(shape, options);
  tensor.memory.bytes.fill(0);
  return tensor;
}

/**
 * A tensor with a copy of these elements.
 *
 * @throws {AmphisError} TENSOR_INVALID when lists differ in length or the shape has another number of elements
 * @throws {RangeError} when the type cannot hold a value
 */
export function tensor(source: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  return ArrayBuffer.isView(source) ? fromTyped(source, options) : fromNested(source, options);
}

/** @throws {AmphisError} TENSOR_INVALID */
export function fromNested(source: Nested, options: TensorOptions = {}): Tensor {
  const nested = shapeOf(source);
  const elements = flat(source, nested);
  return filled(elements, {
    ...options,
    dtype: options.dtype ?? dtypeFor(elements),
    shape: options.shape ?? nested,
  });
}

/**
 * Shows elements that are in memory already.
 *
 * @throws {AmphisError} TENSOR_INVALID when an element lies outside, DTYPE_UNSUPPORTED
 */
export function fromBytes(memory: TensorMemory, options: FromBytesOptions): Tensor {
  const { shape, byteOffset = 0, isReadOnly, bigEndian = "refuse" } = options;
  const { dtype, byteOrder } = parseDtype(options.dtype);
  const strides = options.strides ?? strideFor(shape, dtype);
  const found = new Tensor(memory, { dtype, shape, strides, byteOffset, isReadOnly });
  if (byteOrder === "little") return found;
  if (bigEndian === "refuse") {
    throw unsupported(options.dtype, "it is big-endian; convert it, or ask for bigEndian: convert");
  }
  const copy = found.copy();
  swapBytes(copy.memory.bytes, dtypeInfo(dtype).partBytes);
  return copy;
}

/** Shows the elements of an array where they are, in one dimension. */
export function tensorOver(source: TypedArray): Tensor {
  const { buffer, byteOffset, byteLength } = source;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return fromBytes({ bytes }, { dtype: dtypeOf(source), shape: [source.length] });
}

function strideFor(shape: readonly number[], dtype: Dtype): readonly number[] {
  countOf(shape);
  return contiguousStrides(shape, dtypeInfo(dtype).bytes, "C");
}

function fromTyped(source: TypedArray, options: TensorOptions): Tensor {
  const own = dtypeOf(source);
  const { dtype = own, shape, order = "C" } = options;
  const { View, viewLength } = dtypeInfo(dtype);
  const isSameKind = source instanceof View && (dtype === own || viewLength === 2 || isBits(dtype));
  const wanted = shape ?? [isSameKind ? source.length / viewLength : source.length];
  if (!isSameKind || order === "F") {
    if (isSameKind && dtype !== own) throw invalid("raw elements are taken in order C only");
    return filled([...source], { ...options, dtype, shape: wanted });
  }
  const result = empty(wanted, { ...options, dtype });
  if (result.size * viewLength !== source.length) throw wrongCount(source.length, wanted);
  result.memory.bytes.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  return result;
}

/** Types whose platform array holds bits, not values. */
function isBits(dtype: Dtype): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}

function dtypeOf(source: TypedArray): Dtype {
  const names: Readonly<Record<string, Dtype>> = {
    BigInt64Array: "int64",
    BigUint64Array: "uint64",
    Uint8ClampedArray: "uint8",
  };
  const name = source[Symbol.toStringTag];
  return names[name] ?? parseDtype(name.replace("Array", "").toLowerCase()).dtype;
}

function filled(
  elements: readonly Element[],
  options: TensorOptions & { readonly shape: readonly number[] },
): Tensor {
  if (countOf(options.shape) !== elements.length) throw wrongCount(elements.length, options.shape);
  const result = empty(options.shape, options);
  try {
    fill(result, elements);
    return result;
  } catch (error) {
    if (options.arena !== undefined) (result.memory as Partial<Disposable>)[Symbol.dispose]?.();
    throw error;
  }
}

function fill(target: Tensor, elements: readonly Element[]): void {
  const index = target.shape.map(() => 0);
  for (const element of elements) {
    target.set(index, element);
    for (let at = index.length - 1; at >= 0; at -= 1) {
      index[at] = (index[at] as number) + 1;
      if ((index[at] as number) < (target.shape[at] as number)) break;
      index[at] = 0;
    }
  }
}

function shapeOf(source: Nested): readonly number[] {
  const shape: number[] = [];
  for (let level = source; isList(level); level = level[0] as Nested) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function flat(source: Nested, shape: readonly number[]): readonly Element[] {
  const elements: Element[] = [];
  const walk = (value: Nested, dimension: number): void => {
    const length = shape[dimension];
    if (isList(value) !== (length !== undefined) || (isList(value) && value.length !== length)) {
      throw invalid("its lists differ in length or depth");
    }
    if (isList(value)) for (const item of value) walk(item, dimension + 1);
    else elements.push(value);
  };
  walk(source, 0);
  return elements;
}

function isList(value: Nested): value is readonly Nested[] {
  return Array.isArray(value);
}

/** Numbers are float64 whatever they are, so that the type does not depend on the values. */
function dtypeFor(elements: readonly Element[]): Dtype {
  if (elements.some((element) => element instanceof Complex)) return "complex128";
  if (elements.length === 0) return "float64";
  if (elements.every((element) => typeof element === "boolean")) return "bool";
  return elements.every((element) => typeof element === "bigint") ? "int64" : "float64";
}

function wrongCount(count: number, shape: readonly number[]): AmphisError<"TENSOR_INVALID"> {
  return invalid(`${count} elements do not fill the shape [${shape.join(", ")}]`);
}

function swapBytes(bytes: Uint8Array, partBytes: number): void {
  for (let start = 0; start < bytes.length; start += partBytes) {
    bytes.subarray(start, start + partBytes).reverse();
  }
}
