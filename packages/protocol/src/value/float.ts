/**
 * A number that travels as a float even when it is integral.
 *
 * Python tells `1` from `1.0`; a TypeScript number does not, and goes as an int when it is a safe integer.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    if (typeof value !== "number") {
      throw new TypeError(`Cannot make Float: expected a number, got ${typeof value}`);
    }
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }
}
