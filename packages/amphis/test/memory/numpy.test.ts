import { beforeAll, describe, expect, test } from "vitest";

import { DTYPES, type Dtype, dtypeInfo, fromBytes, type Tensor } from "../../src/memory/index.ts";
import { hasModule, python, runPython } from "./python.ts";

/** NumPy has no bfloat16 of its own. */
const NUMPY_DTYPES = DTYPES.filter((dtype) => dtype !== "bfloat16");
const hasNumpy = hasModule("numpy");

/** For each line: makes an array with NumPy, shows it in another way, and tells its strides, its memory and its elements in order C. */
const SHOW = `
import json, sys, numpy
def show(dtype, how):
    base = numpy.arange(24).astype(dtype).reshape(2, 3, 4)
    shown = {
        "rows": lambda: base,
        "columns": lambda: numpy.asfortranarray(base),
        "turned": lambda: base.transpose(2, 0, 1),
        "backwards": lambda: base[::-1, :, ::-2],
        "part": lambda: base[1:, ::2, 1:3],
        "repeated": lambda: numpy.broadcast_to(base[0, 0], (3, 4)),
        "big": lambda: base.astype(base.dtype.newbyteorder(">")),
    }[how]()
    owner = shown
    while isinstance(owner.base, numpy.ndarray):
        owner = owner.base
    start = shown.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return {
        "dtype": shown.dtype.str,
        "shape": shown.shape,
        "strides": shown.strides,
        "byteOffset": start,
        "memory": owner.tobytes("A").hex(),
        "elements": numpy.ascontiguousarray(shown.astype(dtype)).tobytes().hex(),
    }
print(json.dumps([show(*line.split()) for line in sys.stdin]))`;

interface Shown {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly byteOffset: number;
  readonly memory: string;
  readonly elements: string;
}

const WAYS = ["rows", "columns", "turned", "backwards", "part", "repeated", "big"] as const;

const ROWS = NUMPY_DTYPES.flatMap((dtype) => WAYS.map((way) => [dtype, way] as const));

if (!hasNumpy) {
  test("an array of NumPy", ({ skip }) => skip("AMPHIS_PYTHON has no numpy"));
} else {
  describe("an array of NumPy", () => {
    let answers: readonly Shown[] = [];
    beforeAll(() => {
      const lines = ROWS.map(([dtype, way]) => `${dtype} ${way}\n`).join("");
      const output = runPython(python as string, SHOW, Buffer.from(lines));
      answers = JSON.parse(output.toString("utf8")) as readonly Shown[];
    });

    test.each(ROWS.map(([dtype, way], at) => [dtype, way, at] as const))(
      "of %s is read in place: %s",
      (dtype, _way, at) => {
        const shown = answers[at] as Shown;
        const memory = { bytes: Buffer.from(shown.memory, "hex") };
        const read = fromBytes(memory, { ...shown, bigEndian: "convert" });
        expect(read.dtype).toBe(dtype);
        expect(Buffer.from(read.copy().memory.bytes).toString("hex")).toBe(shown.elements);
        expect(read.toNested()).toEqual(plain(dtype, shown).toNested());
      },
    );
  });
}

/** The same elements in one piece. */
function plain(dtype: Dtype, { elements, shape }: Shown): Tensor {
  const memory = { bytes: Buffer.from(elements, "hex") };
  expect(memory.bytes.length).toBe(shape.reduce((a, b) => a * b, dtypeInfo(dtype).bytes));
  return fromBytes(memory, { dtype, shape });
}
