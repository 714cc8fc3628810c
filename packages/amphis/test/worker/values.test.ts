import { Decimal, Duration, LocalDate, Path, Tuple, Uuid } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { ArrowTable, Tensor, tensor } from "../../src/memory/index.ts";
import { heapBytes } from "../heap.ts";
import { callOf, memoryOf, sharedWorker, startWorker } from "./started.ts";

const shared = sharedWorker();

describe("values come back as they went", () => {
  test.each<readonly [string, unknown]>([
    ["null", null],
    ["booleans", [true, false]],
    ["falsy values", [0, "", false, null, [], {}]],
    ["the largest exact numbers", [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ["integers beyond them", [2n ** 53n, -(2n ** 63n), 2n ** 64n, -(10n ** 40n)]],
    ["floats", [0.1, -1.5e300, 5e-324]],
    ["minus zero", -0],
    ["numbers that are none", [Number.NaN, Infinity, -Infinity]],
    ["text", ["", "a", "\0", "héllo", "💚𝒳", "\u{10ffff}"]],
    ["bytes", new Uint8Array([0, 1, 255])],
    ["a timestamp", new Date(1_700_000_000_123)],
    ["values of Python", [new Decimal("1.50"), new LocalDate("2024-02-29"), new Path("/a/b")]],
    [
      "more values of Python",
      [new Uuid("00000000-0000-4000-8000-000000000000"), new Duration(1, 5)],
    ],
    ["a set", new Set([1, "a"])],
    ["a tuple", Tuple.from([1, [2]])],
    [
      "a map with other keys",
      new Map<unknown, unknown>([
        [1, "x"],
        [null, "y"],
      ]),
    ],
    ["what is nested", { a: [{ b: [[], {}, [null, { c: [1n << 70n] }]] }], "": 1 }],
  ])("%s", async (_name, value) => {
    const { call } = shared();
    expect(await call("echo", value)).toStrictEqual(value);
  });

  test("undefined is nil in an array, and no key of an object", async () => {
    const { call } = shared();
    expect(await call("text", [undefined, 1])).toBe("[None, 1]");
    expect(await call("text", { a: undefined, b: 1 })).toBe("{'b': 1}");
    expect(await call("echo", undefined)).toBeNull();
  });

  test("an object of its own makes a call from a getter without harm to the outer call", async () => {
    const { call } = shared();
    let inner: Promise<unknown> | undefined;
    const given = {
      array: new Float64Array([1]),
      get other() {
        inner = call("describe", new Int16Array([7]));
        return new Float32Array([2]);
      },
    };
    expect(await call("text", given)).toBe(
      "{'array': array([1.]), 'other': array([2.], dtype=float32)}",
    );
    expect(await inner).toEqual(["int16", [1], [7]]);
  });
});

describe("large values travel beside the body", () => {
  test.each<readonly [string, readonly unknown[]]>([
    ["Float64Array", ["float64", new Float64Array([1, 2.5])]],
    ["Float32Array", ["float32", new Float32Array([1, 2.5])]],
    ["Int32Array", ["int32", new Int32Array([-1, 2])]],
    ["Uint16Array", ["uint16", new Uint16Array([1, 65_535])]],
    ["Uint8ClampedArray", ["uint8", new Uint8ClampedArray([1, 255])]],
    ["BigInt64Array", ["int64", new BigInt64Array([1n, -2n])]],
  ])("%s is an array of NumPy", async (_name, [dtype, array]) => {
    const { call } = shared();
    const elements = Array.from(array as ArrayLike<number | bigint>, Number);
    expect(await call("describe", array)).toEqual([dtype, [2], elements]);
  });

  test("a tensor keeps its shape, and a result is a tensor", async () => {
    const { call } = shared();
    const given = tensor([
      [1, 2],
      [3, 4],
    ]);
    const result = (await call("scaled", given, 2)) as Tensor;
    expect(result).toBeInstanceOf(Tensor);
    expect([result.shape, result.toNested()]).toEqual([
      [2, 2],
      [
        [2, 4],
        [6, 8],
      ],
    ]);
  });

  test("arguments are taken when the call is made", async () => {
    const { call } = shared();
    const small = new Float64Array(100).fill(1);
    const large = new Float64Array(300_000).fill(1);
    const sums = [call("builtins:sum", small), call("numpy:sum", large)];
    small.fill(9);
    large.fill(9);
    expect(await Promise.all(sums)).toEqual([100, 300_000]);
  });

  test("what is larger than a frame may be goes through shared memory each time", async ({
    skip,
  }) => {
    const { call, memory } = await startWorker({ maxFrameBytes: 100_000 });
    if (memory === undefined) skip("there is no native core");
    const large = new Float64Array(50_000).fill(1);
    for (let at = 0; at < 70; at += 1) expect(await call("numpy:sum", large)).toBe(50_000);
  });

  test("bytes come back as bytes at any length", async () => {
    const { call } = shared();
    for (const length of [65_535, 65_536, 1_000_000]) {
      const bytes = new Uint8Array(length).map((_, at) => at);
      const back = await call("echo", bytes);
      expect(back).toBeInstanceOf(Uint8Array);
      expect(Buffer.compare(back as Uint8Array, bytes)).toBe(0);
    }
  });

  test("bytes are bytes in Python at any length, and a DataView shows where they are", async () => {
    const { call } = shared();
    for (const length of [0, 10, 65_536, 1_000_000]) {
      const bytes = new Uint8Array(length).fill(65);
      const view = new DataView(bytes.buffer);
      expect(await call("builtins:hasattr", bytes, "decode")).toBe(true);
      expect(await call("builtins:hasattr", view, "decode")).toBe(false);
      expect(await call("builtins:bytes.decode", bytes)).toBe("A".repeat(length));
      expect(await call("builtins:len", view)).toBe(length);
    }
  });

  test("a table comes as a table and goes as one", async () => {
    const { call } = shared();
    const table = (await call("table", 3)) as ArrowTable;
    expect(table).toBeInstanceOf(ArrowTable);
    expect(table.toArray()).toEqual([{ a: 0n }, { a: 1n }, { a: 2n }]);
    expect(await call("rows_of", table)).toBe(3);
  });
});

describe("what is no value is refused with its path before anything is sent", () => {
  class Thing {
    readonly x = 1;
  }
  const list: unknown[] = [1];
  list.push({ list });
  test.each<readonly [string, readonly unknown[], string, string]>([
    ["an instance", [1, { a: [new Thing()] }], "args[1].a[0]", "Thing"],
    ["a promise", [Promise.resolve(1)], "args[0]", "Promise"],
    ["a symbol", [[Symbol("s")]], "args[0][0]", "a symbol"],
    ["half a surrogate pair", [["ok", "\ud800"]], "args[0][1]", "a string"],
    ["a boxed string", [new String("x")], "args[0]", "String"],
    ["what contains itself", [list], "args[0][1].list", "a list that contains itself"],
  ])("%s", async (_name, args, path, received) => {
    const { conversation, call } = shared();
    const sink = { resolve: () => expect.unreachable(), reject: () => expect.unreachable() };
    expect(() => conversation.start(callOf("echo", args), sink)).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED", path, received }) as Error,
    );
    expect(conversation.inFlight).toBe(0);
    expect(await call("echo", "still there")).toBe("still there");
  });

  test("a getter that throws passes its error on, and what was lent is taken back", async () => {
    const { conversation, memory, call } = shared();
    const error = new Error("mine");
    const given = {
      array: new Float64Array(200_000),
      get broken() {
        throw error;
      },
    };
    const before = memory?.figures().arena.leases;
    expect(() =>
      conversation.start(callOf("echo", [given]), { resolve: () => {}, reject: () => {} }),
    ).toThrow(error);
    expect(memory?.figures().arena.leases).toBe(before);
    expect(await call("echo", 1)).toBe(1);
  });

  test("what finds no room in shared memory and in no frame says which bound to raise", async ({
    skip,
  }) => {
    const memory = await memoryOf({ maxBytes: 2 ** 20, regionBytes: 2 ** 20, waitMs: 0 });
    if (memory === undefined) return skip("it needs the native core");
    const { call } = await startWorker({ memory, maxFrameBytes: 100_000 });
    const refused = expect.objectContaining({
      code: "FRAME_TOO_LARGE",
      limit: 100_000,
      message: expect.stringMatching(
        / 8000000 bytes .* no room in shared memory: raise memory\.maxBytes/,
      ) as string,
    }) as Error;
    await expect(call("numpy:zeros", 1_000_000)).rejects.toEqual(refused);
    await expect(call("echo", new Float64Array(1_000_000))).rejects.toEqual(refused);
    await expect(call("builtins:str.ljust", "", 200_000)).rejects.toThrow(/limit of 100000$/);
    expect(await call("echo", new Float64Array(10_000))).toBeInstanceOf(Tensor);
  });

  test("a result in shared memory that is forgotten comes back without a warning", async ({
    skip,
  }) => {
    const warnings: string[] = [];
    const memory = await memoryOf({ onLost: (message) => warnings.push(message) });
    if (memory === undefined) return skip("it needs the native core");
    const { call } = await startWorker({ memory });
    const lent = memory.arena.allocate(1 << 16);
    const kept = await call("numpy:zeros", 1_000_000);
    await call("numpy:zeros", 1_000_000);
    await call("echo", lent);
    while (memory.arena.stats().leases > 2) {
      await new Promise((resolve) => setImmediate(resolve));
      heapBytes();
    }
    expect(warnings).toEqual([]);
    expect(memory.arena.stats().lostLeases).toBe(0);
    expect(kept).toHaveProperty("shape", [1_000_000]);
    (kept as Tensor).release();
    lent.release();
  });

  test("a frame beyond the limit is refused, and its memory taken back", async () => {
    const { conversation, call } = await startWorker({ maxFrameBytes: 100_000, memory: undefined });
    const sink = { resolve: () => {}, reject: () => {} };
    for (const large of ["x".repeat(200_000), new Float64Array(100_000)]) {
      expect(() => conversation.start(callOf("echo", [large]), sink)).toThrow(
        expect.objectContaining({ code: "FRAME_TOO_LARGE", limit: 100_000 }) as Error,
      );
    }
    expect(await call("echo", 1)).toBe(1);
  });
});
