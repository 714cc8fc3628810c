import { resolve } from "node:path";

import { expect, test } from "vitest";

import type { PythonOptions } from "./contract.ts";
import { callInput, poolCallOptions } from "./call-options.ts";
import { kw } from "./keywords.ts";
import { poolRequests } from "./settings.ts";

test("pools share what is said for all, but for numbers of workers, profile and devices", () => {
  const requests = poolRequests({
    packages: ["numpy"],
    path: "py",
    cwd: "/srv",
    workers: 4,
    minWorkers: 2,
    profile: "thread",
    threads: 3,
    pools: { io: { profile: "asyncio", cwd: undefined }, gpu: { packages: [], path: ["a", "b"] } },
  });
  const numpy = { preload: ["numpy"], path: [resolve("py")] };
  expect(requests).toEqual([
    {
      name: "default",
      cwd: "/srv",
      workers: 4,
      minWorkers: 2,
      profile: "thread",
      threads: 3,
      ...numpy,
    },
    { name: "io", cwd: "/srv", profile: "asyncio", ...numpy },
    { name: "gpu", cwd: "/srv", preload: [], path: [resolve("a"), resolve("b")] },
  ]);
});

const MISTAKES: readonly [unknown, string][] = [
  [{ worker: 2 }, 'Cannot open Python: there is no option "worker"; did you mean workers?'],
  [
    { pools: { io: { profil: "asyncio" } } },
    'Cannot open pool io: there is no option "profil"; did you mean profile?',
  ],
  [
    { limits: { memory: 5 } },
    'Cannot open Python with limits: there is no option "memory"; did you mean memoryBytes?',
  ],
  [
    { limits: { rss: 5 } },
    'Cannot open Python with limits: there is no option "rss"; known are memoryBytes, cpuSeconds, files, processes, hard',
  ],
  [
    { pools: { io: { env: { alow: [] } } } },
    'Cannot open Python with env: there is no option "alow"; did you mean allow?',
  ],
  [null, "Cannot open Python: options must be an object, got null"],
  [{ packages: "numpy" }, "Cannot open Python: packages must be a list of names, got string"],
  [{ path: [""] }, "Cannot open Python: path must be a list of names, got an array"],
  [{ pools: [] }, "Cannot open Python: pools must be an object of options by name"],
  [
    { pools: { default: {} } },
    "Cannot open Python: options of the pool default stand beside pools, not in it",
  ],
];

test.for(MISTAKES)("%j is refused", ([options, message]) => {
  expect(() => poolRequests(options as PythonOptions)).toThrow(new TypeError(message));
});

test("a call takes keywords and options behind its arguments, each of them or none", () => {
  const options = { timeoutMs: 5 };
  const kwargs = { b: 2 };
  const bare = { args: [1], kwargs: undefined, options: {} };
  expect(callInput([1])).toEqual(bare);
  expect(callInput([1], options)).toEqual({ ...bare, options });
  expect(callInput([1], kw(kwargs))).toEqual({ ...bare, kwargs });
  expect(callInput([1], kw(kwargs), options)).toEqual({ args: [1], kwargs, options });
  expect(callInput([1, kw(kwargs)], options)).toEqual({ args: [1], kwargs, options });
});

test("options of a call that make no sense are refused", () => {
  expect(() => callInput("a" as never)).toThrow(
    new TypeError("Cannot call Python: arguments must be an array, got string"),
  );
  expect(() => callInput([], { b: 2 } as object)).toThrow(
    'there is no option "b"; known are pool, session, device, idempotent, priority, timeoutMs, signal',
  );
  expect(() => callInput([], { b: 2 } as never, {})).toThrow(
    new TypeError("Cannot call Python: keyword arguments must be made by kw(...)"),
  );
  expect(() => poolCallOptions({ timeoutMs: -1 })).toThrow(RangeError);
  expect(() => poolCallOptions({ signal: {} as AbortSignal })).toThrow(TypeError);
  expect(() => poolCallOptions({ session: { name: "mine" } })).toThrow(
    new TypeError("Cannot call Python: session must be one that py.session() made, got object"),
  );
});
