import { isAmphisError, openPython, type Python } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

type Mistake = readonly [option: object, kind: typeof TypeError, message: string];

/** Options of a pool, which a configuration file can hold too. */
const POOL: readonly Mistake[] = [
  [{ workers: 0 }, RangeError, "workers must be a whole number of 1 or more, got 0"],
  [{ workers: "4" }, TypeError, 'workers must be a whole number of 1 or more, got "4"'],
  [{ workers: 1.5 }, RangeError, "workers must be a whole number of 1 or more, got 1.5"],
  [{ workers: 2, minWorkers: 3 }, RangeError, "minWorkers must be 2 at most"],
  [{ profile: "fork" }, TypeError, 'profile must be process, thread, asyncio, got "fork"'],
  [{ profile: "process", threads: 4 }, TypeError, "threads needs the profile thread or asyncio"],
  [{ profile: "thread", threads: 0 }, RangeError, "threads must be a whole number of 1 or more"],
  [{ limits: { cpuSeconds: 0 } }, RangeError, "limits.cpuSeconds must be a whole number of 1"],
  [{ limits: { memoryBytes: "1" } }, TypeError, "limits.memoryBytes must be a whole number"],
  [
    { limits: { files: 3 } },
    RangeError,
    "limits.files must be a whole number of 32 or more, got 3",
  ],
  [{ limits: { processes: -1 } }, RangeError, "limits.processes must be"],
  [{ limits: { hard: "yes" } }, TypeError, 'limits.hard must be true or false, got "yes"'],
  [{ env: { allow: 5 } }, TypeError, "env.allow must be a list of texts that are not empty, got 5"],
  [{ env: { set: { "A=B": "1" } } }, TypeError, "env.set must be texts by names without = and NUL"],
  [{ env: { set: { A: "s\0" } } }, TypeError, "env.set.A must be a text without NUL, got one with"],
  [{ env: { set: { A: 1 } } }, TypeError, "env.set.A must be a text without NUL, got number"],
  [{ devices: [] }, TypeError, "devices must be a list of devices such as cuda:0 or cpu, one at"],
  [{ devices: ["gpu"] }, RangeError, 'one at least, got "gpu"'],
  [{ recycle: { calls: 0 } }, RangeError, "recycle.calls must be"],
  [{ recycle: { ageMs: "1 h" } }, TypeError, "recycle.ageMs must be a number of 1 or more"],
  [{ idleMs: -1 }, RangeError, "idleMs must be a number from 0 to 2147483647, got -1"],
  [{ maxWaiting: 1.5 }, RangeError, "maxWaiting must be"],
  [{ ahead: -1 }, RangeError, "ahead must be"],
  [{ shortMs: Number.NaN }, RangeError, "shortMs must be a number from 0 to 2147483647, got NaN"],
  [{ startTimeoutMs: 0 }, RangeError, "startTimeoutMs must be"],
  [{ startBackoff: { maxMs: -1 } }, RangeError, "startBackoff.maxMs must be"],
  [{ graceMs: 2 ** 40 }, RangeError, "graceMs must be"],
  [{ breaker: { crashes: -1 } }, RangeError, "breaker.crashes must be"],
  [{ retry: { budget: 2 } }, RangeError, "retry.budget must be a number from 0 to 1, got 2"],
  [{ retry: { backoff: { initialMs: "1" } } }, TypeError, "retry.backoff.initialMs must be"],
  [{ heartbeatMs: 0 }, RangeError, "heartbeatMs must be"],
  [{ unresponsiveMs: -1 }, RangeError, "unresponsiveMs must be"],
  [{ maxSessions: "all" }, TypeError, "maxSessions must be"],
  [{ sessions: { ttlMs: 0 } }, RangeError, "sessions.ttlMs must be a number of 1 or more, got 0"],
  [{ sessions: { affinity: "stick" } }, TypeError, "sessions.affinity must be queue, fail, hint"],
  [{ forkServer: 1 }, TypeError, "forkServer must be true or false, got 1"],
  [{ spare: "no" }, TypeError, 'spare must be true or false, got "no"'],
  [{ ringBytes: 1 }, RangeError, "ringBytes must be a power of two from 128 to 1073741824, got 1"],
  [{ ringBytes: 1_000 }, RangeError, "ringBytes must be a power of two from 128 to 1073741824"],
  [{ spinMs: -1 }, RangeError, "spinMs must be a number from 0 to 1000, got -1"],
  [{ maxFrameBytes: 10 }, RangeError, "maxFrameBytes must be a whole number of 65536 or more"],
  [{ isolation: "full" }, TypeError, "isolation must be none, guarded or sandboxed"],
  [{ cwd: "" }, TypeError, "cwd must be a text that is not empty"],
];

/** Options that only code can give, or that make sense with others only. */
const PYTHON: readonly Mistake[] = [
  [{ python: 3.12 }, TypeError, "python must be a text that is not empty, got number"],
  [{ memory: "x" }, TypeError, "memory must be false, options or a SharedMemory, got string"],
  [{ memory: true }, TypeError, "memory must be false, options or a SharedMemory, got boolean"],
  [
    { memory: { maxBytes: 1 } },
    RangeError,
    "maxBytes: expected an integer of 65536 or more, got 1",
  ],
  [{ memory: { maxBytes: "1" } }, TypeError, "maxBytes: expected a number, got string"],
  [{ memory: { maxByte: 1 } }, TypeError, "did you mean maxBytes?"],
  [{ memory: { waitMs: -1 } }, RangeError, "waitMs: expected 0 or more, got -1"],
  [{ memory: { onLost: 1 } }, TypeError, "onLost: expected a function, got number"],
  [{ threads: 4 }, TypeError, "threads needs the profile thread or asyncio, got 4 with process"],
  [{ startBackoff: { initialMs: 20_000 } }, RangeError, "startBackoff.initialMs must be 10000 at"],
  [
    { retry: { backoff: { initialMs: 5_000 } } },
    RangeError,
    "retry.backoff.initialMs must be 2000",
  ],
  [{ devices: ["cpu", "cpu"] }, RangeError, "devices names one of them twice"],
  [{ devices: ["cpu", "cuda:0"], workers: 1 }, RangeError, "workers must be 2 or more"],
  [{ limits: { hard: true } }, TypeError, "give memoryBytes or processes"],
  [{ watch: "yes" }, TypeError, "watch must be true or false, got string"],
  [{ checks: 1 }, TypeError, "checks must be true or false, got number"],
  [{ onLog: "console" }, TypeError, "onLog must be a function, got string"],
  [{ onProgress: null }, TypeError, "onProgress must be a function, got null"],
  [{ packages: [""] }, TypeError, "packages must be a list of names"],
  [{ pools: { io: { threads: 2 } } }, TypeError, "Cannot open pool io: threads needs the profile"],
];

describe("openPython", () => {
  /** Whoever looks for this one has judged the options. */
  const nowhere = { config: false, python: "no-such-python-of-amphis" } as const;

  test.for([...POOL, ...PYTHON])("refuses %j by name before anything starts", async (mistake) => {
    const [options, kind, message] = mistake;
    const error = await failureOf(openPython({ ...nowhere, ...options }));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
  });

  test("never shows what an environment variable is set to", async () => {
    const error = await failureOf(openPython({ ...nowhere, env: { set: { TOKEN: "secret\0" } } }));
    expect(error.message).not.toContain("secret");
  });

  test.for(POOL.filter(([options]) => Object.keys(options).length === 1))(
    "and its configuration refuse %j alike",
    async ([options]) => {
      const config = { pools: { default: options } };
      const error = await failureOf(openPython({ python: nowhere.python, config }));
      expect(isAmphisError(error, "CONFIG_INVALID")).toBe(true);
    },
  );

  test("takes the least and the most that a number can be, as far as to look for Python", async () => {
    const options = {
      ...nowhere,
      limits: { files: 32, cpuSeconds: 1, memoryBytes: 1, processes: 1 },
      recycle: { ageMs: Infinity },
      sessions: { ttlMs: 1, maxCalls: Infinity },
      ringBytes: 128,
      spinMs: 1_000,
      maxFrameBytes: 65_536,
      memory: { maxBytes: 65_536 },
      env: { allow: ["*"], set: { A: "" } },
      devices: ["cpu"],
    };
    expect(await failureOf(openPython(options))).toMatchObject({ code: "PYTHON_NOT_FOUND" });
  });
});

const CALL: readonly Mistake[] = [
  [{ timeoutMs: "5" }, TypeError, "timeoutMs must be a number of 0 or more, got string"],
  [{ timeoutMs: -1 }, RangeError, "timeoutMs must be 0 or more, got -1"],
  [{ timeoutMs: Number.NaN }, RangeError, "timeoutMs must be 0 or more, got NaN"],
  [{ idempotent: "yes" }, TypeError, "idempotent must be true or false, got string"],
  [{ pool: 5 }, TypeError, "pool must be a text that is not empty, got number"],
  [{ device: 0 }, TypeError, "device must be a text that is not empty, got number"],
  [{ priority: "urgent" }, TypeError, 'priority must be low, normal, high, critical, got "urgent"'],
  [{ signal: {} }, TypeError, "signal must be an AbortSignal, got object"],
  [{ session: "cart" }, TypeError, "session must be one that py.session() made, got string"],
  [{ timeout: 5 }, TypeError, 'there is no option "timeout"; did you mean timeoutMs?'],
];

const SESSION: readonly Mistake[] = [
  [{ name: 5 }, TypeError, "name must be a text that is not empty, got 5"],
  [{ pool: 5 }, TypeError, "pool must be a text that is not empty, got number"],
  [{ affinity: "x" }, TypeError, 'affinity must be queue, fail, hint, got "x"'],
  [{ ttlMs: "1" }, TypeError, 'ttlMs must be a number of 1 or more, got "1"'],
  [{ maxAgeMs: 0 }, RangeError, "maxAgeMs must be a number of 1 or more, got 0"],
  [{ maxCalls: 1.5 }, RangeError, "maxCalls must be a whole number of 1 or more, got 1.5"],
  [{ device: 1 }, TypeError, "device must be a text that is not empty, got 1"],
  [{ cleanUp: () => 1 }, TypeError, "cleanUp must be a list of names, got function"],
  [{ cleanUp: "shop:close" }, TypeError, "cleanUp must be a list of names, got string"],
  [{ cleanUp: ["shop.close"] }, TypeError, 'as in "shop:close"'],
  [{ ttl: 1 }, TypeError, "did you mean ttlMs?"],
];

const NAMES = ["m:", ":noop", "m: noop", "m:a:b", "../m:noop", "m:1", "m:a..b", "m..n:a", "m:a-b"];

describe("an open Python", () => {
  const opened = openedPython();

  function submitted(py: Python): number | undefined {
    return py.status().pools["default"]?.calls.submitted;
  }

  /** What fails, at once or later; nothing was sent for it. */
  async function refusal(make: (py: Python) => unknown): Promise<Error> {
    const { py } = opened;
    const before = submitted(py);
    const error = await failureOf((async () => make(py))());
    expect(submitted(py)).toBe(before);
    return error;
  }

  test.for(CALL)("refuses %j of calls, streams and chains by name", async (mistake) => {
    const [options, kind, message] = mistake;
    const makers: readonly ((py: Python) => unknown)[] = [
      (py) => py.call("math:sqrt", [4], options),
      (py) => py.stream("builtins:range", [4], options).next(),
      (py) => py.import("math").sqrt(4).with(options),
      (py) => py.sync.call("math:sqrt", [4], options),
    ];
    for (const make of makers) {
      const error = await refusal(make);
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(message);
    }
  });

  test.for(SESSION)("refuses %o of sessions by name", async ([options, kind, message]) => {
    const error = await refusal((py) => py.session(options));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    expect(opened.py.sessions()).toEqual([]);
  });

  test.for(NAMES)("refuses the name %j, and sends nothing", async (name) => {
    const makers: readonly ((py: Python) => unknown)[] = [
      (py) => py.call(name),
      (py) => py.stream(name).next(),
      (py) => py.sync.call(name),
      (py) => py.call(name, [py.eval("1")]),
    ];
    for (const make of makers) {
      const error = await refusal(make);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`Cannot call ${JSON.stringify(name)}: names are`);
    }
  });

  test("takes names in other scripts, and leaves it to Python what they mean", async () => {
    const { py } = opened;
    expect(await failureOf(py.call("math:größe"))).toMatchObject({
      code: "PYTHON_ATTRIBUTE_MISSING",
    });
  });

  test.for(["", "../m", "m..n", "a b", "m:n", 5])("refuses the module %j", async (name) => {
    const error = await refusal((py) => py.import(name as string));
    expect(error).toEqual(
      new TypeError(
        `Cannot import ${typeof name === "string" ? JSON.stringify(name) : "number"}: it takes the name of a module`,
      ),
    );
  });

  test("has one session of a name at a time", async () => {
    const { py } = opened;
    const first = await py.session({ name: "cart" });
    const message = "Cannot open session cart: pool default has an open one of this name";
    await expect(py.session({ name: "cart" })).rejects.toThrow(message);
    await first.close();
    await (await py.session({ name: "cart" })).close();
  });

  test("gives sessions without a name one that is free", async () => {
    const { py } = opened;
    const names = [(await py.session({ name: "session-1" })).name];
    for (let n = 0; n < 3; n += 1) names.push((await py.session()).name);
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe("session-1");
  });

  test.for([
    [{ libary: "numpy" }, 'there is no option "libary"; did you mean library?'],
    [{ library: 5 }, "library must be a text that is not empty, got number"],
    [{ functions: 5 }, "functions must be a text that is not empty, got number"],
    [{ functions: [5] }, "functions must be a list of names, got an array"],
    ["numpy", "options must be an object, got string"],
  ] as const)("forgets nothing for %j", ([options, message]) => {
    expect(() => opened.py.forget(options as object)).toThrow(TypeError);
    expect(() => opened.py.forget(options as object)).toThrow(message);
  });

  test("unloads nothing for what is no name", async () => {
    const error = await refusal((py) => py.unload(5 as never));
    expect(error).toEqual(
      new TypeError("Cannot unload library: its name must be a text that is not empty, got number"),
    );
  });
});
