/**
 * A Python tuple: an array that goes back as a tuple.
 *
 * Make one with `Tuple.of(1, 2)`; methods such as `map` return plain arrays.
 */
export class Tuple<T = unknown> extends Array<T> {
  /** A tuple of these items, which may be of different types. */
  static override of<T>(...items: T[]): Tuple<T>;
  static override of<Items extends readonly unknown[]>(...items: Items): Tuple<Items[number]>;
  static override of<T>(...items: T[]): Tuple<T> {
    return super.of(...items) as Tuple<T>;
  }

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}
