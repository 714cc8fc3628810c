import {
  add,
  and,
  Complex,
  ellipsis,
  fetch,
  Float,
  gt,
  isAmphisError,
  isPython,
  item,
  keep,
  kw,
  lt,
  matmul,
  setItem,
  slice,
  str,
  type Tensor,
  Tuple,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { exact, story } from "./story.ts";

story("numpy", (numpy) => {
  numpy.same(
    "a measurement is smoothed, fitted and solved as in Python",
    `
import numpy as np
x = np.linspace(0, 6, 50)
y = np.sin(x) + np.random.default_rng(7).normal(0, 0.1, 50)
smooth = np.convolve(y, np.ones(5) / 5, mode="valid")
a = np.vander(x, 4)
solution, residual, rank, singular = np.linalg.lstsq(a, y, rcond=None)
values, vectors = np.linalg.eigh(a.T @ a)
result = {
    "y": y, "smooth": smooth, "solution": solution, "rank": rank, "values": values,
    "restored": np.abs(np.fft.irfft(np.fft.rfft(y), n=50) - y).max(),
    "histogram": np.histogram(y, bins=4)[0],
    "quantiles": np.quantile(y, [0.1, 0.5, 0.9]),
}
`,
    async (py) => {
      const np = await py.import("numpy");
      const x = await np.linspace(0, 6, 50);
      const noise = np.random.default_rng(7).normal(0, 0.1, 50);
      const y = await fetch<Tensor>(add(np.sin(x), noise));
      const smooth = await np.convolve(y, await np.divide(np.ones(5), 5), kw({ mode: "valid" }));
      const a = await keep(np.vander(x, 4));
      const fitted = await np.linalg.lstsq(a, y, kw({ rcond: null }));
      const { eigenvalues } = await np.linalg.eigh(matmul(a.T, a));
      const back = np.fft.irfft(np.fft.rfft(y), kw({ n: 50 }));
      return {
        y: y.toNested(),
        smooth: smooth.toNested(),
        solution: fitted[0].toNested(),
        rank: fitted[2],
        values: eigenvalues.toNested(),
        restored: await np.abs(np.subtract(back, y)).max(),
        histogram: exact(
          (await fetch<Tensor>(item(np.histogram(y, kw({ bins: 4 })), 0))).toNested(),
        ),
        quantiles: (await np.quantile(y, [0.1, 0.5, 0.9])).toNested(),
      };
    },
  );

  numpy.same(
    "numbers of every kind are those of Python: not a number, infinite, big, half, complex, boolean",
    `
import numpy as np
with_nan = np.array([1.5, np.nan, -np.inf, -0.0])
z = np.array([1 + 2j, complex(0, -3)])
result = {
    "nan": with_nan, "nanmean": np.nanmean(with_nan[:2]), "max": np.max(with_nan),
    "u64": np.array([2**64 - 1, 0], dtype="uint64"),
    "i64": (np.array([2**53 + 1, -(2**63)])),
    "i8": np.array([127], dtype="int8") + np.int8(1),
    "f16": np.array([0.1, 65504], dtype="float16"),
    "bool": np.array([1, 0, 2]) > 1,
    "complex": [[each.real, each.imag] for each in z * z],
    "int": 2**70 + 1, "scalar": np.float32(0.1), "big": np.uint64(2**63),
}
`,
    async (py) => {
      const np = await py.import("numpy");
      const withNan = new Float64Array([1.5, NaN, -Infinity, -0]);
      const z = await np.array([new Complex(1, 2), new Complex(0, -3)]);
      const bytes = await np.add(np.array([127], kw({ dtype: "int8" })), np.int8(1));
      const bigs = await np.array([2n ** 53n + 1n, -(2n ** 63n)]);
      return {
        nan: (await np.array(withNan)).toNested(),
        nanmean: await np.nanmean(withNan.subarray(0, 2)),
        max: await np.max(withNan),
        u64: exact((await np.array(new BigUint64Array([2n ** 64n - 1n, 0n]))).toNested()),
        i64: exact(bigs.toNested()),
        i8: bytes.toNested(),
        f16: (await np.array([0.1, 65504], kw({ dtype: "float16" }))).toNested(),
        bool: (await fetch<Tensor>(gt(np.array([1, 0, 2]), 1))).toNested(),
        complex: (await np.multiply(z, z)).toNested().map(parts),
        int: await py.call("operator:add", [2n ** 70n, 1]),
        scalar: await np.float32(0.1),
        big: await np.uint64(2n ** 63n),
      };
    },
  );

  numpy.same(
    "what lies in memory in any order and step is read right, and written from both sides",
    `
import numpy as np
a = np.arange(24.0).reshape(2, 3, 4)
b = np.asfortranarray(a)
c = a.copy()
c[:, 1, ::2] = -1
result = {
    "transposed": a.T, "back": a[:, ::-1, ::2], "row": np.broadcast_to(a[0, 0], (2, 4)),
    "fortran": b[1], "big_endian": a[0].astype(">f8"), "empty": np.empty((0, 3)),
    "scalar": np.array(5.5), "chosen": a[(a > 3) & (a < 9)], "last": a[..., -1], "written": c,
}
`,
    async (py) => {
      const np = await py.import("numpy");
      const a = await keep(np.arange(24.0).reshape(2, 3, 4).astype("float64"));
      const c = await keep(a.copy());
      await setItem(c, Tuple.of(slice(), 1, slice(null, null, 2)), -1);
      const read = async (step: unknown): Promise<unknown> =>
        (await fetch<Tensor>(step as never)).toNested();
      return {
        transposed: await read(a.T),
        back: await read(item(a, slice(), slice(null, null, -1), slice(null, null, 2))),
        row: await read(np.broadcast_to(item(a, 0, 0), Tuple.of(2, 4))),
        fortran: await read(item(np.asfortranarray(a), 1)),
        big_endian: await read(item(a, 0).astype(">f8")),
        empty: await read(np.empty(Tuple.of(0, 3))),
        scalar: await read(np.array(5.5)),
        chosen: await read(item(a, and(gt(a, 3), lt(a, 9)))),
        last: await read(item(a, ellipsis(), -1)),
        written: await read(c),
      };
    },
  );

  numpy.same(
    "arrays of records, texts, objects and times stay in Python and can be worked with",
    `
import numpy as np
people = np.array([("Ada", 36, 1.7), ("Zoë", 41, np.nan)], dtype=[("name", "U8"), ("age", "i4"), ("height", "f8")])
texts = np.array(["ä", "日本", ""])
objects = np.array([1, "two", None], dtype=object)
days = np.array(["2024-02-29", "NaT"], dtype="datetime64[D]")
result = {
    "ages": people["age"], "heights": people["height"], "names": people["name"], "first": people["name"][0],
    "upper": np.char.upper(texts), "sorted": str(np.sort(texts)), "objects": objects,
    "live": [True, True, True], "day": str(days[0]), "nat": np.isnat(days), "text": str(people[0]),
    "span": (np.datetime64("2024-03-01") - days[0]).astype(int),
}
`,
    async (py) => {
      const np = await py.import("numpy");
      const dtype = await np.dtype([
        Tuple.of("name", "U8"),
        Tuple.of("age", "i4"),
        Tuple.of("height", "f8"),
      ]);
      const rows = [Tuple.of("Ada", 36, 1.7), Tuple.of("Zoë", 41, NaN)];
      const people = await np.array(rows, kw({ dtype }));
      const texts = await np.array(["ä", "日本", ""]);
      const objects = await np.array([1, "two", null], kw({ dtype: "object" }));
      const days = await keep(np.array(["2024-02-29", "NaT"], kw({ dtype: "datetime64[D]" })));
      return {
        ages: (await fetch<Tensor>(item(people, "age"))).toNested(),
        heights: (await fetch<Tensor>(item(people, "height"))).toNested(),
        names: await fetch(item(people, "name")),
        first: await item(item(people, "name"), 0),
        upper: await fetch(np.char.upper(texts)),
        sorted: await str(np.sort(texts)),
        objects: await fetch(objects),
        live: [people, texts, objects].map(isPython),
        day: String(await item(days, 0)),
        nat: (await np.isnat(days)).toNested(),
        text: await str(item(people, 0)),
        span: await np.subtract(np.datetime64("2024-03-01"), item(days, 0)).astype("int"),
      };
    },
  );

  numpy.same(
    "functions of TypeScript are called for each row, and generators of it are read",
    `
import numpy as np
a = np.arange(6.0).reshape(2, 3)
result = {
    "spread": np.apply_along_axis(lambda row: row.max() - row.min(), 1, a),
    "read": np.fromiter((n * n for n in range(5)), dtype="int64").sum(),
}
`,
    async (py) => {
      const np = await py.import("numpy");
      const a = await np.arange(6).reshape(2, 3).astype("float64");
      // NumPy makes an array of integers where the first result is one.
      const spread = (row: Tensor): Float => {
        const values = Array.from(row.view(), Number);
        return new Float(Math.max(...values) - Math.min(...values));
      };
      function* squares(): Generator<number> {
        for (let n = 0; n < 5; n += 1) yield n * n;
      }
      return {
        spread: (await np.apply_along_axis(spread, 1, a)).toNested(),
        read: await np.fromiter(squares(), kw({ dtype: "int64" })).sum(),
      };
    },
  );

  test("errors have the shapes, types and exceptions of NumPy", async () => {
    const np = await numpy.py.import("numpy");
    const two = new Float64Array(2);
    const shapes = await rejection(np.matmul(two, new Float64Array(3)));
    if (!isAmphisError(shapes, "SHAPE_MISMATCH")) throw shapes;
    expect(shapes).toMatchObject({ operation: "matmul", shapes: [[2], [3]] });

    const broadcast = await rejection(np.add(two, new Float64Array(3)));
    if (!isAmphisError(broadcast, "BROADCAST_FAILED")) throw broadcast;
    expect(broadcast.shapes).toEqual([[2], [3]]);

    const kind = await rejection(np.add(np.array(["a"]), np.array([1])));
    if (!isAmphisError(kind, "DTYPE_MISMATCH")) throw kind;
    expect(kind.dtypes.length).toBe(2);

    const singular = await rejection(np.linalg.inv(np.zeros(Tuple.of(2, 2))));
    if (!isAmphisError(singular, "PYTHON_ERROR")) throw singular;
    const link: unknown = expect.stringMatching(/^\.inv\(/u);
    expect(singular).toMatchObject({ type: "LinAlgError", text: "Singular matrix", link });

    const unknown = await rejection(np.linalg.nrom(two));
    if (!isAmphisError(unknown, "PYTHON_ATTRIBUTE_MISSING")) throw unknown;
    expect(unknown.suggestions).toContain("norm");
  });
});

function parts({ re, im }: Complex): readonly [number, number] {
  return [re, im];
}
