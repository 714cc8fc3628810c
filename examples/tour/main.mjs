// What Amphis does, in a minute: every line that begins with a number has just been done.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAmphisError, kw, openPython, Tuple } from "amphis";

import { libraries } from "./libraries.mjs";
import { step, title, total } from "./screen.mjs";

const folder = mkdtempSync(join(tmpdir(), "amphis-tour-"));
const file = join(folder, "sales.csv");

title("Amphis: Python's libraries from TypeScript, in processes that may die");

const { installed, missing } = await libraries(["numpy", "pandas", "pyarrow"]);
const values = new Float64Array(13_107_200).fill(0.5);
/** What dying workers say would be in the way here; by default it goes to standard error. */
const onLog = () => undefined;
let py;

try {
  await step("open a pool of two Python workers", {}, async () => {
    // #region open
    py = await openPython({ packages: installed, path: import.meta.dirname, workers: 2, onLog });
    const version = await py.call("platform:python_version");
    // #endregion open
    const loaded = installed.length > 0 ? ` with ${installed.join(", ")}` : "";
    return `Python ${String(version)}${loaded}`;
  });

  await step("call a function", {}, async () => {
    // #region call
    const root = await py.call("math:sqrt", [2]);
    // #endregion call
    return `math.sqrt(2) = ${String(root)}`;
  });

  await step("the same, while this thread waits", {}, () => {
    // #region sync
    const median = py.sync.call("statistics:median", [[1, 2, 9]]);
    // #endregion sync
    return `statistics.median([1, 2, 9]) = ${String(median)}`;
  });

  await step("hand 100 MB to NumPy", { needs: "numpy", missing }, async () => {
    // #region array
    const np = await py.import("numpy");
    const sum = await np.sum(values);
    // #endregion array
    return `numpy.sum of 13,107,200 numbers = ${String(sum)}`;
  });

  await step("get 100 MB back, without a copy", { needs: "numpy", missing }, async () => {
    const array = await py.call("numpy:full", [13_107_200, 0.25]);
    return `a tensor of ${String(array.shape)}, ${String(array.dtype)}, in shared memory`;
  });

  await py.call("sales:write", [file, 200_000]);

  await step("ask pandas, in one message", { needs: "pandas", missing }, async () => {
    // #region table
    const pd = await py.import("pandas");
    const top = await pd
      .read_csv(file)
      .groupby("region", kw({ as_index: false }))
      .agg(kw({ revenue: Tuple.of("revenue", "sum") }))
      .sort_values("revenue", kw({ ascending: false }))
      .toArrow();
    // #endregion table
    const [best] = [...top];
    return `200,000 sales, 4 regions; best: ${best?.region} with ${Math.round(Number(best?.revenue))}`;
  });

  await step("take a stream word by word", {}, async () => {
    const words = [];
    // #region stream
    for await (const word of py.stream("sales:sentence", ["sales"])) words.push(word);
    // #endregion stream
    return words.join("").trim();
  });

  await step("let Python call TypeScript", {}, async () => {
    let asked = 0;
    // #region callback
    const root = await py.call("sales:search", [0, 10, (x) => ++asked > 0 && x * x >= 7]);
    // #endregion callback
    return `the root of 7 is ${String(root)}, found in ${asked} calls of an arrow function`;
  });

  await step("keep an object in Python", {}, async () => {
    // #region object
    const tasks = await py.import("queue").PriorityQueue();
    await tasks.put(3);
    await tasks.put(1);
    const first = await tasks.get();
    // #endregion object
    return `the first of its queue is ${String(first)}`;
  });

  await step("get an exception as it was", {}, async () => {
    // #region error
    try {
      await py.call("json:loads", ["{"]);
    } catch (error) {
      if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
      return `${error.type} in ${error.traceback.at(-1)?.function}: ${error.text}`;
    }
    // #endregion error
    return "nothing was raised";
  });

  await step("survive a segmentation fault", {}, async () => {
    // #region crash
    try {
      await py.call("sales:crash");
    } catch (error) {
      if (!isAmphisError(error, "WORKER_CRASHED")) throw error;
      const again = await py.call("math:sqrt", [16]);
      return `the worker died (${error.death}), this process did not: math.sqrt(16) = ${String(again)}`;
    }
    // #endregion crash
    return "nobody died";
  });
} finally {
  await py?.close();
  rmSync(folder, { recursive: true });
}

total();
