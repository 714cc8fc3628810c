/** Names an object that lives in a worker. */
export class Handle {
  readonly id: number;
  /** Python's name of its class: `numpy.ndarray`. */
  readonly type: string;

  /** @throws {RangeError} when the id is not an integer from 0 to 2^53-1 */
  constructor(id: number, type: string) {
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new RangeError(`Cannot make Handle: id must be an integer from 0 to 2^53-1, got ${id}`);
    }
    if (typeof type !== "string") {
      throw new TypeError(`Cannot make Handle: type must be a string, got ${typeof type}`);
    }
    this.id = id;
    this.type = type;
  }
}
