/** A complex number of two floats. */
export class Complex {
  readonly re: number;
  readonly im: number;

  constructor(re: number, im: number) {
    if (typeof re !== "number" || typeof im !== "number") {
      throw new TypeError(
        `Cannot make Complex: expected two numbers, got ${typeof re} and ${typeof im}`,
      );
    }
    this.re = re;
    this.im = im;
  }

  toString(): string {
    const sign = this.im < 0 || Object.is(this.im, -0) ? "-" : "+";
    return `${this.re}${sign}${Math.abs(this.im)}i`;
  }
}
