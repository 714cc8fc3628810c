import { add, fetch, isAmphisError, keep, kw, type Tensor, Tuple } from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { story } from "./story.ts";

const PACKAGES = ["optimize", "stats", "signal", "sparse", "spatial", "integrate"].map(
  (name) => `scipy.${name}`,
);

story(
  "scipy",
  (scipy) => {
    scipy.same(
      "functions of TypeScript are minimised, integrated and solved as those of Python are",
      `
import numpy as np
from scipy import integrate, optimize
found = optimize.minimize(lambda x: (x[0] - 1) ** 2 + 2.5 * (x[1] + 2) ** 2, [0.0, 0.0], method="Nelder-Mead")
area, error = integrate.quad(lambda x: x * x, 0, 3)
solved = integrate.solve_ivp(lambda t, y: -0.5 * y, (0, 4), [2.0], t_eval=[0, 2, 4])
result = {
    "x": found.x, "fun": found.fun, "success": found.success, "steps": found.nit, "message": found.message,
    "area": area, "solved": solved.y, "root": optimize.brentq(lambda x: x**3 - 2, 0, 2),
}
`,
      async (py) => {
        const optimize = await py.import("scipy.optimize");
        const integrate = await py.import("scipy.integrate");
        const valley = (x: Tensor): number => {
          const [a = 0, b = 0] = Array.from(x.view(), Number);
          return (a - 1) ** 2 + 2.5 * (b + 2) ** 2;
        };
        const start = new Float64Array(2);
        const found = await optimize.minimize(valley, start, kw({ method: "Nelder-Mead" }));
        const [area] = await integrate.quad((x: number) => x * x, 0, 3);
        const decay = (_t: number, y: Tensor): Float64Array =>
          Float64Array.from(Array.from(y.view(), Number), (each) => -0.5 * each);
        const span = Tuple.of(0, 4);
        const times = kw({ t_eval: [0, 2, 4] });
        const solved = await integrate.solve_ivp(decay, span, new Float64Array([2]), times);
        return {
          x: found.x.toNested(),
          fun: found.fun,
          success: found.success,
          steps: found.nit,
          message: found.message,
          area,
          solved: solved.y.toNested(),
          root: await optimize.brentq((x: number) => x ** 3 - 2, 0, 2),
        };
      },
    );

    scipy.same(
      "samples are tested, filtered and searched for their neighbours as in Python",
      `
import numpy as np
from scipy import signal, spatial, stats
rng = np.random.default_rng(3)
one, other = rng.normal(0, 1, 40), rng.normal(0.4, 1, 40)
tested = stats.ttest_ind(one, other)
b, a = signal.butter(3, 0.2)
distances, nearest = spatial.KDTree(one.reshape(-1, 2)).query([[0, 0], [1, 1]], k=2)
result = {
    "statistic": tested.statistic, "pvalue": tested.pvalue, "df": tested.df,
    "interval": list(tested.confidence_interval(0.9)),
    "filtered": signal.filtfilt(b, a, one), "peaks": signal.find_peaks(one, height=0.5)[0],
    "distances": distances, "nearest": nearest, "quantile": stats.norm(2, 3).ppf(0.975),
    "skipped": stats.zscore([1.0, float("nan"), 3.0], nan_policy="omit"), "empty": stats.tmean([2.0]),
}
`,
      async (py) => {
        const signal = await py.import("scipy.signal");
        const stats = await py.import("scipy.stats");
        const spatial = await py.import("scipy.spatial");
        const rng = await py.import("numpy").random.default_rng(3);
        const one: Tensor = await rng.normal(0, 1, 40);
        const other: Tensor = await rng.normal(0.4, 1, 40);
        const tested = await keep(stats.ttest_ind(one, other));
        const [b, a] = await signal.butter(3, 0.2);
        const points = py.import("numpy").reshape(one, Tuple.of(-1, 2));
        const places = [
          [0, 0],
          [1, 1],
        ];
        const [distances, nearest] = await spatial.KDTree(points).query(places, kw({ k: 2 }));
        const [peaks] = await signal.find_peaks(one, kw({ height: 0.5 }));
        const policy = kw({ nan_policy: "omit" });
        return {
          statistic: await tested.statistic,
          pvalue: await tested.pvalue,
          df: await tested.df,
          interval: Object.values(await tested.confidence_interval(0.9)),
          filtered: (await signal.filtfilt(b, a, one)).toNested(),
          peaks: Array.from(peaks.view(), Number),
          distances: distances.toNested(),
          nearest: nearest.toNested().map((row: readonly bigint[]) => row.map(Number)),
          quantile: await stats.norm(2, 3).ppf(0.975),
          skipped: (await stats.zscore(new Float64Array([1, NaN, 3]), policy)).toNested(),
          empty: await stats.tmean(new Float64Array([2])),
        };
      },
    );

    scipy.same(
      "sparse matrices stay in Python, and what is dense of them comes",
      `
import numpy as np
from scipy import sparse
from scipy.sparse import linalg
matrix = sparse.csr_array((np.array([1.0, 2.0, 3.0]), ([0, 1, 2], [0, 2, 1])), shape=(3, 3))
result = {
    "dense": (matrix + matrix.T).toarray(), "filled": matrix.nnz, "shape": matrix.shape,
    "solved": linalg.spsolve(matrix.tocsc(), np.array([1.0, 4.0, 9.0])), "sums": matrix.sum(axis=0),
}
`,
      async (py) => {
        const sparse = await py.import("scipy.sparse");
        const places = Tuple.of([0, 1, 2], [0, 2, 1]);
        const entries = Tuple.of(new Float64Array([1, 2, 3]), places);
        const matrix = await sparse.csr_array(entries, kw({ shape: Tuple.of(3, 3) }));
        const linalg = py.import("scipy.sparse.linalg");
        return {
          dense: (await fetch<Tensor>(add(matrix, matrix.T).toarray())).toNested(),
          filled: await matrix.nnz,
          shape: [...(await matrix.shape)],
          solved: (await linalg.spsolve(matrix.tocsc(), new Float64Array([1, 4, 9]))).toNested(),
          sums: (await matrix.sum(kw({ axis: 0 }))).toNested(),
        };
      },
    );

    test("what a function of TypeScript throws comes back through SciPy as it is", async () => {
      const optimize = await scipy.py.import("scipy.optimize");
      const thrown = new RangeError("not this far");
      const error = await rejection(
        optimize.brentq(
          () => {
            throw thrown;
          },
          0,
          2,
        ),
      );
      expect(error).toBe(thrown);
    });

    test("errors of SciPy have their exceptions", async () => {
      const optimize = await scipy.py.import("scipy.optimize");
      const sign = await rejection(optimize.brentq((x: number) => x * x + 1, 0, 2));
      if (!isAmphisError(sign, "PYTHON_ERROR")) throw sign;
      expect(sign).toMatchObject({ type: "ValueError" });
      expect(sign.text).toContain("different signs");
      const method = await rejection(optimize.minimize(() => 1, [0.5], kw({ method: "Powel" })));
      expect(method).toMatchObject({ code: "PYTHON_ERROR", type: "ValueError" });
      const singular = scipy.py.import("scipy.linalg").inv([
        [0.5, 1],
        [0.5, 1],
      ]);
      expect(await rejection(singular)).toMatchObject({ type: "LinAlgError" });
    });
  },
  { python: { packages: PACKAGES } },
);
