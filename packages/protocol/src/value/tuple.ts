/**
 * A Python tuple: an array that goes back as a tuple.
 *
 * Make one with `Tuple.of(1, 2)`; methods such as `map` return plain arrays.
 */
export class Tuple<T = unknown> extends Array<T> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}
