import type { DataType } from "@uwdata/flechette";

import { type BatchInit, CheckedBatch } from "./checked-batch.ts";
import { invalid } from "./failure.ts";

const INTERVAL_BYTES = 16;
const NANOSECONDS_AT = 8;

/** Intervals of months, days and nanoseconds, which may be more than a number holds. */
export class MonthDayNanoBatch extends CheckedBatch<[number, number, bigint]> {
  override value(index: number): [number, number, bigint] {
    const { buffer, byteOffset, byteLength } = this.values as Uint8Array;
    const view = new DataView(buffer, byteOffset, byteLength);
    const at = index * INTERVAL_BYTES;
    const nanoseconds = view.getBigInt64(at + NANOSECONDS_AT, true);
    return [view.getInt32(at, true), view.getInt32(at + 4, true), nanoseconds];
  }
}

const WORD_BITS = 64n;

/** Decimals of 64, 128 or 256 bits, as integers without their scale. */
export class DecimalBatch extends CheckedBatch<bigint> {
  readonly #words: number;

  constructor(init: BatchInit) {
    super(init);
    this.#words = (init.type as DataType & { bitWidth: number }).bitWidth / 64;
  }

  override value(index: number): bigint {
    const values = this.values as BigUint64Array;
    const first = index * this.#words;
    let unscaled = BigInt.asIntN(64, values[first + this.#words - 1] as bigint);
    for (let word = this.#words - 2; word >= 0; word -= 1) {
      unscaled = (unscaled << WORD_BITS) | (values[first + word] as bigint);
    }
    return unscaled;
  }
}

/** Decimals of any width as numbers, which are near them. */
export class DecimalNumberBatch extends CheckedBatch<number> {
  readonly #unscaled: DecimalBatch | undefined;
  readonly #scale: number;

  constructor(init: BatchInit) {
    super(init);
    const { bitWidth, scale } = init.type as DataType & { bitWidth: number; scale: number };
    this.#unscaled = bitWidth === 32 ? undefined : new DecimalBatch(init);
    this.#scale = scale;
  }

  override value(index: number): number {
    const unscaled = this.#unscaled?.value(index) ?? BigInt(this.values[index] as number);
    // The text of a number is read to the nearest one, which a division of rounded numbers does not give.
    return Number(`${unscaled}e${-this.#scale}`);
  }
}

/** Dates in milliseconds, as they are. */
export class MillisecondsBatch extends CheckedBatch<number> {
  override value(index: number): number {
    return exact(this.values[index] as bigint);
  }
}

/** Dates in milliseconds, as `Date`. */
export class DatesBatch extends CheckedBatch<Date> {
  override value(index: number): Date {
    return new Date(exact(this.values[index] as bigint));
  }
}

/** @throws {AmphisError} ARROW_INVALID for what a number cannot hold */
function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalid(`${value} is beyond 2^53, where numbers end`);
  return number;
}
