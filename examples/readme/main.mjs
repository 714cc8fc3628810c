// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// What the README of the repository shows.

process.chdir(import.meta.dirname);

// #region calls
import { isAmphisError, kw, openPython, Tuple } from "amphis";

const py = await openPython({ packages: ["numpy", "pandas"], path: ".", workers: 2 });

const np = await py.import("numpy");
const norm = await np.linalg.norm(new Float64Array([3, 4])); // 5

const pd = await py.import("pandas"); // what follows is one message to Python and one back
const top = await pd
  .read_csv("sales.csv")
  .groupby("region", kw({ as_index: false }))
  .agg(kw({ revenue: Tuple.of("revenue", "sum") }))
  .sort_values("revenue", kw({ ascending: false }))
  .toArrow(); // columns are views over shared memory

// a generator in your own my_model.py, found by `path`
for await (const word of py.stream("my_model:generate", ["Once"])) process.stdout.write(word);

const root = py.sync.call("math:sqrt", [2]); // blocks this thread, and is another process all the same

try {
  const [a, b] = [new Float64Array(3), new Float64Array(4)];
  await py.call("numpy:matmul", [a, b], { timeoutMs: 20_000, idempotent: true });
} catch (error) {
  if (isAmphisError(error, "SHAPE_MISMATCH")) console.log(error.shapes, error.suggestion); // [ [ 3 ], [ 4 ] ] ...
}

await py.close(); // in TypeScript, `await using py = ...` closes it at the end of the block
// #endregion calls

console.log(norm, root);
for (const { region, revenue } of top) console.log(region, revenue);
