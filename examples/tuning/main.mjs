// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// Pools for different work, what takes the time of a call, and how to make fewer of them.

// #region open
import { openPython } from "amphis";

const py = await openPython({
  path: import.meta.dirname,
  packages: ["json"], // loaded before the first call
  workers: 2, // at most
  minWorkers: 2, // always there
  env: { set: { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" } }, // two workers, a thread each
  recycle: { calls: 100_000, memoryGrowthBytes: 2 ** 30 },
  pools: {
    blocking: { profile: "thread", workers: 1, threads: 16 },
    network: { profile: "asyncio", workers: 1 },
  },
});
// #endregion open

// #region profiles
const disk = [1, 2, 3, 4, 5, 6, 7, 8].map(() =>
  py.call("work:wait_for_disk", [0.1], { pool: "blocking" }),
);
const network = Array.from({ length: 100 }, () =>
  py.call("work:wait_for_network", [0.1], { pool: "network" }),
);
await Promise.all([...disk, ...network]); // takes a little more than 0.1 s, not 10.8
// #endregion profiles

// #region timed
import { callStop } from "amphis/telemetry";

/** @param {import("amphis/telemetry").CallStop} call */
const report = ({ name, times }) => {
  const { totalMs, queueMs, transferMs, pythonMs } = times;
  console.log(name, { totalMs, queueMs, transferMs, pythonMs });
};
callStop.subscribe(report);
await py.call("work:compute", [1_000_000]);
callStop.unsubscribe(report);
// #endregion timed

// #region batch
const texts = Array.from({ length: 2_000 }, (_, n) => `text number ${n}`);

let start = performance.now();
for (const text of texts) await py.call("work:score", [text]); // one waits for the other
const oneByOneMs = performance.now() - start;

start = performance.now();
await Promise.all(texts.map((text) => py.call("work:score", [text]))); // many on their way
const atOnceMs = performance.now() - start;

start = performance.now();
await py.call("work:scores", [texts]); // one call
const batchMs = performance.now() - start;
// #endregion batch
console.log("one by one", oneByOneMs.toFixed(1), "ms");
console.log("at once   ", atOnceMs.toFixed(1), "ms");
console.log("in one    ", batchMs.toFixed(1), "ms");

// #region status
const { workers, latency, queue } = py.status().pools.default;
for (const { number, calls, health, rssBytes } of workers) {
  console.log(`worker ${number}:`, { calls, health, rssBytes });
}
console.log("waited  ", queue.p50Ms, "ms at the median, at most", queue.maxMs);
console.log("answered", latency.p50Ms, "ms at the median, at most", latency.maxMs);
// #endregion status

await py.close();
