import { AmphisError } from "@amphis/protocol";

/** Where the elements of a tensor are: byte offset of index (i, j, …) = byteOffset + i · strides[0] + j · strides[1] + … */
export interface Layout {
  readonly shape: readonly number[];
  /** Bytes from one index to the next, by dimension; negative and 0 too. */
  readonly strides: readonly number[];
  /** Where the element at index 0 is. */
  readonly byteOffset: number;
}

/** How the elements of a new tensor lie: rows (`C`) or columns (`F`, Fortran) in one piece. */
export type Order = "C" | "F";

/** As NumPy. */
const MAX_DIMENSIONS = 64;

/** @throws {AmphisError} TENSOR_INVALID for a shape that is none, or that no memory can hold */
export function countOf(shape: readonly number[]): number {
  if (shape.length > MAX_DIMENSIONS) throw invalid(`it has ${shape.length} dimensions`);
  // An empty dimension must not hide an overflow of the others, which strides are made of.
  let product = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw invalid(`a dimension must be an integer from 0, got ${String(length)}`);
    }
    product *= Math.max(1, length);
    if (!Number.isSafeInteger(product)) throw invalid("its shape has more elements than 2^53");
  }
  return shape.includes(0) ? 0 : product;
}

export function contiguousStrides(
  shape: readonly number[],
  itemBytes: number,
  order: Order,
): readonly number[] {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = itemBytes;
  for (let step = 0; step < shape.length; step += 1) {
    const dimension = order === "C" ? shape.length - 1 - step : step;
    strides[dimension] = stride;
    stride *= Math.max(1, shape[dimension] as number);
  }
  return strides;
}

/** Whether the elements lie in one piece in this order; dimensions of one element may have any stride. */
export function isContiguous({ shape, strides }: Layout, itemBytes: number, order: Order): boolean {
  if (shape.includes(0)) return true;
  const expected = contiguousStrides(shape, itemBytes, order);
  return shape.every((length, at) => length === 1 || strides[at] === expected[at]);
}

/**
 * Proves that every element lies inside so many bytes, before any view is made. All sums stay exact or are refused.
 *
 * @throws {AmphisError} TENSOR_INVALID
 */
export function proveLayout(layout: Layout, itemBytes: number, bytes: number): void {
  const { shape, strides, byteOffset } = layout;
  const count = countOf(shape);
  if (strides.length !== shape.length) {
    throw invalid(`it has ${shape.length} dimensions and ${strides.length} strides`);
  }
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset > bytes) {
    throw invalid(`byteOffset ${byteOffset} lies outside its ${bytes} bytes`);
  }
  let lowest = byteOffset;
  let highest = byteOffset + itemBytes;
  for (const [at, stride] of strides.entries()) {
    const reach = stride * Math.max(0, (shape[at] as number) - 1);
    if (!Number.isSafeInteger(stride) || !Number.isSafeInteger(reach)) {
      throw invalid("its strides reach beyond what can be counted");
    }
    if (reach < 0) lowest += reach;
    else highest += reach;
    if (!Number.isSafeInteger(lowest) || !Number.isSafeInteger(highest)) {
      throw invalid("its strides reach beyond what can be counted");
    }
  }
  if (count > 0 && (lowest < 0 || highest > bytes)) {
    throw invalid(`its elements take bytes ${lowest} to ${highest} of ${bytes}`);
  }
}

/** Byte offsets of all elements, the last index running fastest. */
export function* offsetsOf({ shape, strides, byteOffset }: Layout): Generator<number> {
  if (shape.includes(0)) return;
  const index = new Array<number>(shape.length).fill(0);
  let offset = byteOffset;
  for (;;) {
    yield offset;
    let at = shape.length - 1;
    for (; at >= 0; at -= 1) {
      const next = (index[at] as number) + 1;
      if (next < (shape[at] as number)) {
        index[at] = next;
        offset += strides[at] as number;
        break;
      }
      offset -= (strides[at] as number) * (next - 1);
      index[at] = 0;
    }
    if (at < 0) return;
  }
}

export function invalid(reason: string): AmphisError<"TENSOR_INVALID"> {
  return new AmphisError("TENSOR_INVALID", `Cannot make tensor: ${reason}`, { reason });
}
