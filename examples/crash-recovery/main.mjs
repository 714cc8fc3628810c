// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// What happens when workers die, hang, or take too much; this process goes on in every case.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// #region open
import { isAmphisError, openPython } from "amphis";

const py = await openPython({
  path: import.meta.dirname,
  workers: 2,
  graceMs: 300, // from a deadline to the end of a worker that does not heed it
  onLog: () => undefined, // what dying workers write goes to standard error by default
  pools: {
    bounded: { workers: 1, limits: { memoryBytes: 512 * 2 ** 20, cpuSeconds: 60 } },
    fragile: { workers: 1, breaker: { crashes: 3, withinMs: 60_000, coolMs: 500 } },
  },
});
// #endregion open
const folder = mkdtempSync(join(tmpdir(), "amphis-"));

// #region death
try {
  await py.call("fragile:segfault");
} catch (error) {
  if (!isAmphisError(error, "WORKER_CRASHED")) throw error;
  console.log(error.death, error.signal, "in", error.call); // segfault SIGSEGV in fragile:segfault
  console.log(error.pythonStack.split("\n").some((line) => line.includes("in segfault"))); // true
}
console.log(await py.call("fragile:double", [21])); // 42, by another worker
// #endregion death

// #region others
const [crash, ...others] = await Promise.allSettled([
  py.call("fragile:segfault"),
  ...[1, 2, 3, 4, 5, 6].map((n) => py.call("fragile:double", [n])),
]);
console.log(
  crash.status,
  others.map(({ value }) => value),
); // rejected [ 2, 4, 6, 8, 10, 12 ]
// #endregion others

// #region idempotent
const file = join(folder, "export");
console.log(await py.call("fragile:export", [file], { idempotent: true })); // done
console.log(py.status().pools.default.calls.retried); // 1
// #endregion idempotent

// #region deadline
try {
  await py.call("fragile:spin", [], { timeoutMs: 200 });
} catch (error) {
  if (!isAmphisError(error, "CALL_TIMEOUT")) throw error;
  console.log(error.message); // ... it was not done within 200 ms
}
console.log(await py.call("fragile:double", [3])); // 6, by the same worker
// #endregion deadline

// #region stuck
await py.call("fragile:count", [], { timeoutMs: 200 }).catch(({ code }) => console.log(code)); // CALL_TIMEOUT
console.log(await py.call("fragile:double", [4])); // 8
// #endregion stuck

// #region cancel
const mark = join(folder, "tidy");
const controller = new AbortController();
const begun = () => controller.abort(new Error("nobody waits for it"));
try {
  await py.call("fragile:clean", [mark, begun], { signal: controller.signal });
} catch (error) {
  if (!isAmphisError(error, "CALL_CANCELLED")) throw error;
  console.log(error.reason); // nobody waits for it
}
// #endregion cancel

// #region session
const session = await py.session({ name: "cart" });
const cart = await session.import("fragile").Cart();
await cart.put("pears");
await session.call("fragile:segfault").catch(({ code }) => console.log(code)); // WORKER_CRASHED
await cart.put("plums").catch(({ code }) => console.log(code)); // HANDLE_GONE
await session.eval("1 + 1").catch(({ code }) => console.log(code)); // SESSION_CLOSED
// #endregion session

// #region limit
try {
  await py.call("fragile:hog", [800], { pool: "bounded" });
} catch (error) {
  if (!isAmphisError(error, "PYTHON_OUT_OF_MEMORY")) throw error;
  console.log(error.type, error.suggestion);
}
// #endregion limit

// #region breaker
for (let n = 0; n < 3; n += 1) {
  await py.call("fragile:segfault", [], { pool: "fragile" }).catch(() => undefined);
}
try {
  await py.call("fragile:double", [1], { pool: "fragile" });
} catch (error) {
  if (!isAmphisError(error, "BREAKER_OPEN")) throw error;
  await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
}
console.log(await py.call("fragile:double", [1], { pool: "fragile" })); // 2
// #endregion breaker

// #region history
const { crashes, patterns, workerCounts } = py.status().pools.fragile;
console.log(crashes.length, patterns[0]); // 3 { call: 'fragile:segfault', kind: 'segfault', count: 3 }
console.log(workerCounts.crashed); // 3
// #endregion history

await py.close();
console.log(existsSync(mark) && readFileSync(mark, "utf8")); // tidy
rmSync(folder, { recursive: true });
