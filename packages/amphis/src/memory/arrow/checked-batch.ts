import { Batch, type DataType, type TypedArray } from "@uwdata/flechette";

/*
 * Batches whose buffers say where values are. Flechette believes them; these do not: each offset, index and type number is read once and
 * judged before it is used, as the memory may belong to somebody else who writes it now.
 */

/** What flechette makes a batch of. */
export interface BatchInit {
  readonly length: number;
  readonly nullCount: number;
  readonly type: DataType;
  readonly validity: Uint8Array;
  readonly values?: TypedArray;
  readonly offsets?: Int32Array | BigInt64Array;
  readonly children?: Batch<unknown>[];
}

/** Values that come out as they are made, in a plain array. */
export abstract class CheckedBatch<T> extends Batch<T> {
  static override ArrayType: ArrayConstructor = Array;

  constructor(init: BatchInit) {
    super(init as unknown as ConstructorParameters<typeof Batch>[0]);
  }

  abstract override value(index: number): T;
}
