/** Programs over declared libraries. They are texts, as they are compiled against what a test has written. */
export const RIGHT = `
import { kw, openPython, type ArrowTable, type PyStep, type Tensor } from "amphis";
import type { ndarray } from "./python-types/numpy.js";

const py = await openPython();
const np = await py.import("numpy");
const pd = await py.import("pandas");

// Values come as what the guide to data says.
const root: number = await py.import("math").sqrt(2);
const text: string = await py.import("json").dumps({ a: 1 }, kw({ indent: 2, sort_keys: true }));
const lines: string[] = await py.import("textwrap").wrap(text, 10);
const norm: number = await np.linalg.norm(new Float64Array(3));
const shape = await (await pd.read_csv("sales.csv")).shape;

// Un-awaited steps go on with their own members, and keep them.
// #region chain
const sum: PyStep<ndarray, Tensor> = np.add([1, 2], [3, 4]).astype("float64").cumsum();
const table: ArrowTable = await pd
  .read_csv("sales.csv", kw({ sep: ";", nrows: 10 }))
  .groupby("region")
  .agg(kw({ revenue: ["revenue", "sum"] }))
  .sort_values("revenue", kw({ ascending: false }))
  .head(10)
  .toArrow();
// #endregion chain
const upper: string = await py.import("json").dumps([text, root, lines, norm]).upper();

// Live objects, chains and values are arguments alike; so are required ones by name.
const frame = await pd.DataFrame({ a: [1, 2] });
// #region keywords
const merged = await pd.merge(frame, pd.read_csv("b.csv"), kw({ how: "left", on: "id" }));
await pd.merge(kw({ left: frame, right: merged }));
// #endregion keywords
await np.add.reduce([1, 2, 3]);
await np.mean(frame.head(2), kw({ axis: 0 }));
const picked: string = await py.import("random").choice(["a", "b"]);
const later = await py.import("datetime").timedelta(kw({ hours: 2 })).total_seconds();
await np.linalg.norm(py.eval("[1, 2]"));
const joined: string = await py.import("os.path").join("a", "b");

export { joined, later, picked, shape, sum, table, upper };
`;

export const WRONG = `
import { kw, openPython } from "amphis";

const py = await openPython();
const np = await py.import("numpy");
const pd = await py.import("pandas");
const math = py.import("math");

// #region wrong
// @ts-expect-error a name that there is not
await np.linalg.nrom([1]);
// @ts-expect-error an argument is missing
await np.linalg.norm();
// @ts-expect-error a keyword argument that there is not
await np.linalg.norm([1], kw({ axs: 1 }));
// @ts-expect-error a text is no number
await math.sqrt("two");
// @ts-expect-error one argument too many
await math.sqrt(1, 2);
// @ts-expect-error the result is a number
const text: string = await math.sqrt(2);
// @ts-expect-error an await is missing
math.sqrt(2).toFixed(2);
// #endregion wrong
// @ts-expect-error a method that there is not, in a chain
pd.read_csv("a.csv").gruopby("x");
// @ts-expect-error numbers are no frames
await pd.merge(1, 2);
// @ts-expect-error one of some texts
await pd.merge(pd.read_csv("a"), pd.read_csv("b"), kw({ how: "lfet" }));
// @ts-expect-error a keyword argument of another type
await pd.read_csv("a.csv", kw({ nrows: "ten" }));
// @ts-expect-error a frame is no path
await py.import("json").loads(await pd.DataFrame({ a: [1] }));
// @ts-expect-error a live object is no promise of a number
const count: number = await pd.read_csv("a.csv");

export { count, text };
`;

/** A program that uses what is in the library of Python alone. */
export const STANDARD = `
import { kw, openPython } from "amphis";

const py = await openPython();
const mean: number = await py.import("statistics").fmean([1, 2, 4]);
const name: string = await py.import("pathlib").PurePosixPath("a/b.txt").name;
const found: string = await py.import("re").sub("a", "b", "banana");
const parsed = await py.import("urllib.parse").urlparse("https://example.org/a");
const host: string = await py.import("urllib.parse").quote("a b", kw({ safe: "" }));
// @ts-expect-error there is no such function
await py.import("statistics").maen([1]);
// @ts-expect-error there is no such keyword argument
await py.import("urllib.parse").quote("a b", kw({ save: "" }));

export { found, host, mean, name, parsed };
`;
