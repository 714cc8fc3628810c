/*
 * What docs/start/getting-started.md and docs/guide/calling-python.md show, run.
 */

import { join } from "node:path";

import {
  add,
  and,
  enter,
  fetch,
  gt,
  isAmphisError,
  item,
  keep,
  kw,
  len,
  lt,
  openPython,
  release,
  setItem,
  slice,
  str,
  type Tensor,
  Tuple,
  typeOf,
  within,
} from "amphis";
import { expect, test } from "vitest";

import { failureOf, MODULES, openedPython } from "./opened.ts";

const folder = MODULES;
const opened = openedPython({
  packages: ["numpy", "pandas"],
  workers: 2,
  pools: { io: { profile: "asyncio", workers: 1 } },
});

test("the first program", async () => {
  const said: unknown[] = [];
  const console = { log: (line: unknown): unknown => said.push(line) };
  {
    // #region first
    await using py = await openPython({ packages: ["numpy"], workers: 4 });

    const np = await py.import("numpy");
    const norm = await np.linalg.norm(new Float64Array([3, 4]));
    console.log(norm); // 5
    // #endregion first
  }
  expect(said).toEqual([5]);
});

test("your own modules", async () => {
  // #region own
  await using py = await openPython({ path: folder }); // has my_model.py

  const counter = await py.import("my_model").Counter();
  const sum: number = await counter.add(42);
  // #endregion own
  expect(sum).toBe(42);
});

test("calls", async () => {
  const { py } = opened;
  // #region call
  const root = await py.call<number>("math:sqrt", [2]);
  const text = await py.call<string>("json:dumps", [{ b: 1, a: 2 }], kw({ sort_keys: true }));
  // #endregion call
  expect(root).toBe(Math.SQRT2);
  expect(text).toBe('{"a": 2, "b": 1}');

  // #region options
  const signal = AbortSignal.timeout(60_000);
  const options = { timeoutMs: 20_000, signal, idempotent: true };
  const mean = await py.call<number>("statistics:mean", [[1, 2, 6]], options);
  // #endregion options
  expect(mean).toBe(3);
});

test("chains", async () => {
  const { py } = opened;
  const sales = join(folder, "sales.csv");
  // #region chain
  const pd = await py.import("pandas");
  const top = await pd
    .read_csv(sales)
    .groupby("region")
    .agg(kw({ revenue: Tuple.of("revenue", "sum") }))
    .sort_values("revenue", kw({ ascending: false }))
    .head(10)
    .toArrow();
  // #endregion chain
  expect(Array.from(top.getChild("revenue"), Number)).toEqual([40, 20, 5]);

  // #region with
  const mean: number = await pd.read_csv(sales).revenue.mean().with({ timeoutMs: 5_000 });
  // #endregion with
  expect(mean).toBe(16.25);
});

test("live objects", async () => {
  const { py } = opened;
  // #region object
  const random = await py.import("random").Random(7);
  const dice: number = await random.randint(1, 6);

  const list = await keep(py.eval("[1, 2]")); // would come as a value
  await list.append(3);
  const values = await fetch<number[]>(list); // [1, 2, 3]
  const type = typeOf(list); // "builtins.list"; asks nothing
  release(list); // or `using list = ...`, or leave it to the garbage collector
  // #endregion object
  expect([1, 2, 3, 4, 5, 6]).toContain(dice);
  expect(values).toEqual([1, 2, 3]);
  expect(type).toBe("builtins.list");
});

test("what Python has a syntax for", async () => {
  const { py } = opened;
  // #region syntax
  const np = await py.import("numpy");
  const array = await keep(np.arange(12).reshape(3, 4));

  await setItem(array, Tuple.of(0, 0), 100); // array[0, 0] = 100
  const column = await fetch<Tensor>(item(array, slice(0, 2), 1)); // array[0:2, 1]
  const chosen = item(array, and(gt(array, 3), lt(array, 6))); // array[(array > 3) & (array < 6)]
  const sum = await fetch<Tensor>(add(chosen, 1));
  const length = await len(array);
  const text = await str(chosen);
  // #endregion syntax
  expect([...column.view()].map(Number)).toEqual([1, 5]);
  expect([...sum.view()].map(Number)).toEqual([5, 6]);
  expect(length).toBe(3);
  expect(text).toBe("[4 5]");
});

test("streams and callbacks", async () => {
  await using py = await openPython({ path: folder, workers: 1 });
  const written: string[] = [];
  const losses: number[] = [];
  const process = { stdout: { write: (text: string): unknown => written.push(text) } };
  // #region stream
  for await (const word of py.stream<string>("my_model:generate", ["Once"])) {
    process.stdout.write(word);
  }
  // #endregion stream
  expect(written.join("")).toBe("Once, there was a snake.");

  // #region callback
  await py.call("my_model:train", [3, (_: number, loss: number) => losses.push(loss)]);
  // #endregion callback
  expect(losses).toEqual([1, 1 / 2, 1 / 3]);

  // #region iterable
  async function* readings(): AsyncGenerator<number> {
    yield 20.5;
    yield 21.5;
  }
  const mean = await py.call<number>("statistics:mean", [readings()]);
  // #endregion iterable
  expect(mean).toBe(21);
});

test("contexts", async () => {
  const { py } = opened;
  // #region context
  const sqlite = await py.import("sqlite3");
  const db = await keep(sqlite.connect(":memory:"));
  await db.execute("create table snakes (name)");

  await within(db, async () => {
    await db.execute("insert into snakes values (?)", ["amphisbaena"]);
  }); // committed; rolled back when it throws

  await using text = await enter(py.import("io").StringIO("one\ntwo"));
  const line: string = await text.readline();
  // #endregion context
  expect(line).toBe("one\n");
  expect(await item(db.execute("select count(*) from snakes").fetchone(), 0)).toBe(1);
});

test("code", async () => {
  const { py } = opened;
  // #region code
  const answer = await py.eval("a * b", { a: 6, b: 7 });

  const tools = await py.exec("def half(n):\n    return n / 2");
  const half: number = await tools.half(5);
  const again = await py.eval("half(5) + 1", tools);
  // #endregion code
  expect([answer, half, again]).toEqual([42, 2.5, 3.5]);
});

test("sessions and pools", async () => {
  const { py } = opened;
  // #region session
  await using session = await py.session({ ttlMs: 60_000 });
  const cart = await session.exec("items = []");
  await cart.items.append("pears");
  const count = await session.eval("len(items)", cart);
  // #endregion session
  expect(count).toBe(1);

  // #region pool
  const pages = await Promise.all(
    [1, 2, 3].map((page) => py.call("asyncio:sleep", [0, page], { pool: "io" })),
  );
  // #endregion pool
  expect(pages).toEqual([1, 2, 3]);
});

test("blocking calls", () => {
  const { py } = opened;
  // #region sync
  const root = py.sync.call<number>("math:sqrt", [2]);
  const pi: number = py.sync.wait(py.import("math").pi);
  // #endregion sync
  expect([root, pi]).toEqual([Math.SQRT2, Math.PI]);
});

test("errors", async () => {
  const { py } = opened;
  const said: unknown[] = [];
  const console = { log: (...all: readonly unknown[]): unknown => said.push(all) };
  const a = new Float64Array(6);
  // #region error
  const np = await py.import("numpy");
  try {
    await np.reshape(a, [2, 3]).dot(np.ones(2));
  } catch (error) {
    if (!isAmphisError(error, "SHAPE_MISMATCH")) throw error;
    console.log(error.shapes, error.suggestion, error.traceback);
  }
  // #endregion error
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject([[[2, 3], [2]], expect.any(String), expect.any(Array)]);
  expect((await failureOf(np.reshape(a, [2, 3]).dot(np.ones(2)))).message).toMatch(
    /\(step 3: \.dot\(numpy\.ones\(\)\)\)$/,
  );
});
