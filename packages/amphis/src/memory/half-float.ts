/*
 * Floats of 16 bits, which JavaScript has no type for.
 *
 * float16 is rounded from the double directly, to the nearest, ties to even, as NumPy and Python's `struct` do. bfloat16 is the upper half
 * of a float32 and is rounded from that, as NumPy's `ml_dtypes` and PyTorch do. A NaN is written as the quiet one without a payload.
 */

const SCRATCH = new DataView(new ArrayBuffer(4));
const FLOAT16_NAN = 0x7e00;
const BFLOAT16_NAN = 0x7fc0;

export function float16ToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1_024 + fraction) * 2 ** (exponent - 25);
}

/** A number too large becomes infinite. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return FLOAT16_NAN;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  // 65,520 lies halfway between the largest float16 and the next, and rounds to the even one, which is infinite.
  if (size >= 65_520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = exponentOf(size);
  // A fraction that rounds up to 1,024 carries into the exponent, which is what it means.
  return sign | (((exponent + 15) << 10) + roundToEven(size * 2 ** (10 - exponent)) - 1_024);
}

export function bfloat16ToNumber(bits: number): number {
  SCRATCH.setUint32(0, bits << 16);
  return SCRATCH.getFloat32(0);
}

/** A number too large becomes infinite. */
export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return BFLOAT16_NAN;
  SCRATCH.setFloat32(0, value);
  const bits = SCRATCH.getUint32(0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** Of a number from 2^-14 to 65,520; exact, where a logarithm may be off by one. */
function exponentOf(size: number): number {
  SCRATCH.setFloat32(0, size);
  const exponent = (SCRATCH.getUint32(0) >>> 23) - 127;
  // Rounding to float32 may have reached the next power of two.
  return size < 2 ** exponent ? exponent - 1 : exponent;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  return rest > 0.5 || floor % 2 === 1 ? floor + 1 : floor;
}
