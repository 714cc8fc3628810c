import { describe, expect, test } from "vitest";

import {
  bfloat16ToNumber,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
} from "../../src/memory/index.ts";
import { NO_PYTHON } from "../missing.ts";
import { hasModule, python, runPython } from "./python.ts";

const PATTERNS = 65_536;

/** Every pattern of 16 bits as a double, as Python's `struct` reads it. */
const DECODE = {
  float16: `
import struct, sys
sys.stdout.buffer.write(b"".join(struct.pack("<d", struct.unpack("<e", struct.pack("<H", bits))[0]) for bits in range(65536)))`,
  bfloat16: `
import struct, sys
sys.stdout.buffer.write(b"".join(struct.pack("<d", struct.unpack("<f", struct.pack("<I", bits << 16))[0]) for bits in range(65536)))`,
};

const ENCODE_FLOAT16 = `
import struct, sys
def pack(value):
    try:
        return struct.pack("<e", value)
    except OverflowError:
        return struct.pack("<H", 0xfc00 if value < 0 else 0x7c00)
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(b"".join(pack(value) for (value,) in struct.iter_unpack("<d", data)))`;

const ENCODE_NUMPY = {
  float16: `
import numpy, sys
numpy.seterr(all="ignore")
sys.stdout.buffer.write(numpy.frombuffer(sys.stdin.buffer.read(), "<f8").astype("<f2").tobytes())`,
  bfloat16: `
import ml_dtypes, numpy, sys
numpy.seterr(all="ignore")
sys.stdout.buffer.write(numpy.frombuffer(sys.stdin.buffer.read(), "<f8").astype(ml_dtypes.bfloat16).tobytes())`,
};

const FORMATS = {
  float16: { decode: float16ToNumber, encode: numberToFloat16 },
  bfloat16: { decode: bfloat16ToNumber, encode: numberToBfloat16 },
};

/** Each value that a pattern stands for, those halfway to the next, and their neighbours on both sides. */
function nearEveryPattern({ decode }: { readonly decode: (bits: number) => number }): Float64Array {
  const values: number[] = [];
  for (let bits = 0; bits < PATTERNS; bits += 1) {
    const value = decode(bits);
    if (Number.isNaN(value)) continue;
    const half = (value + decode((bits + 1) & 0xffff)) / 2;
    values.push(value, half, half * (1 + 2 ** -40), half * (1 - 2 ** -40));
  }
  return Float64Array.from(values.filter((value) => !Number.isNaN(value)));
}

function bitsOf(output: Buffer): Uint16Array {
  return new Uint16Array(Uint8Array.from(output).buffer);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

describe.each(["float16", "bfloat16"] as const)("%s", (name) => {
  const { decode, encode } = FORMATS[name];

  test("every pattern that is a number comes back from its number", () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < PATTERNS; bits += 1) {
      const value = decode(bits);
      if (!Number.isNaN(value) && encode(value) !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  test("every pattern is the number that Python reads", ({ skip }) => {
    if (python === undefined) skip(NO_PYTHON);
    const output = runPython(python as string, DECODE[name], new Uint8Array());
    const expected = new Float64Array(Uint8Array.from(output).buffer);
    expect(expected.length).toBe(PATTERNS);
    const wrong = Array.from(expected, (value, bits) => [bits, value, decode(bits)] as const);
    expect(wrong.filter(([, value, own]) => !Object.is(value, own))).toEqual([]);
  });

  const module = name === "float16" ? "numpy" : "ml_dtypes";
  test(`rounding near every pattern is that of ${module}`, ({ skip }) => {
    if (!hasModule(module)) skip(`AMPHIS_PYTHON has no ${module}`);
    const values = nearEveryPattern(FORMATS[name]);
    const output = runPython(python as string, ENCODE_NUMPY[name], bytesOf(values));
    expect(Array.from(values, encode)).toEqual([...bitsOf(output)]);
  });
});

test("float16 is rounded near every pattern as by Python", ({ skip }) => {
  if (python === undefined) skip(NO_PYTHON);
  const values = nearEveryPattern(FORMATS.float16);
  const output = runPython(python as string, ENCODE_FLOAT16, bytesOf(values));
  expect(Array.from(values, numberToFloat16)).toEqual([...bitsOf(output)]);
});

test.each([
  [0, 0x0000, 0x0000],
  [-0, 0x8000, 0x8000],
  [1, 0x3c00, 0x3f80],
  [-2, 0xc000, 0xc000],
  [65_504, 0x7bff, 0x4780],
  [65_520, 0x7c00, 0x4780],
  [2 ** -24, 0x0001, 0x3380],
  [2 ** -25, 0x0000, 0x3300],
  [1e300, 0x7c00, 0x7f80],
  [Number.NEGATIVE_INFINITY, 0xfc00, 0xff80],
  [Number.NaN, 0x7e00, 0x7fc0],
])("%d is written as written here", (value, float16, bfloat16) => {
  expect(numberToFloat16(value)).toBe(float16);
  expect(numberToBfloat16(value)).toBe(bfloat16);
});
