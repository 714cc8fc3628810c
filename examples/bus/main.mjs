// A bus between TypeScript and Python: requests, typed errors, a stream, events with a filter, and how fast all of that is.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";
// #region hub
import { openBus } from "amphis/bus";

const folder = await mkdtemp(join(tmpdir(), "amphis-"));
const address = `unix:${join(folder, "bus.sock")}`;
const bus = await openBus({ listen: address, name: "api" });
// #endregion hub

console.log("TypeScript is the hub of a bus on a Unix socket. A Python process joins it.\n");
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const script = fileURLToPath(new URL("worker.py", import.meta.url));
const worker = spawn(python, [script, address], { stdio: ["ignore", "inherit", "inherit"] });
const ended = once(worker, "exit");
await Promise.race([
  new Promise((resolve) => void bus.subscribe("worker.ready", () => resolve(undefined))),
  ended.then(([code]) => {
    throw new Error(`Cannot go on: the Python end stopped with exit code ${code}`);
  }),
]);

// #region request
const median = await bus.request("statistics.median", [3, 1, 41, 7]);
// #endregion request
console.log(`request   the median of 3, 1, 41, 7 is ${median}`);

// #region error
try {
  await bus.request("statistics.median", []);
} catch (error) {
  if (!isAmphisError(error, "REMOTE_FAILURE")) throw error;
  console.log(`error     ${error.origin?.type}: ${error.message}`);
}
// #endregion error

// #region stream
const means = [];
for await (const mean of bus.stream("statistics.running", [10, 20, 60])) means.push(mean);
// #endregion stream
console.log(`stream    the running mean of 10, 20, 60 is ${means.join(", ")}`);

// #region events
const alert = new Promise((resolve) => {
  void bus.subscribe("alerts.*", (payload) => resolve(payload));
});
for (const celsius of [21, 19, 94]) {
  await bus.publish("readings.kiln", { sensor: "kiln", celsius });
}
// #endregion events
console.log(`events    of three readings, Python wanted one: ${JSON.stringify(await alert)}`);

const [endpoint] = await bus.find({ capability: "statistics" });
console.log(`directory ${endpoint?.name} is at ${endpoint?.peer}, ${endpoint?.status}\n`);

console.log("How fast?");
const reading = { sensor: "kiln", celsius: 21.5 };
for (let i = 0; i < 1_000; i += 1) await bus.request("echo", reading);
const samples = [];
for (let i = 0; i < 2_000; i += 1) {
  const start = performance.now();
  await bus.request("echo", reading);
  samples.push(performance.now() - start);
}
samples.sort((a, b) => a - b);
const p50 = 1_000 * (samples[samples.length >> 1] ?? Number.NaN);
console.log(`  a request to Python and back   ${p50.toFixed(0)} us`);

const start = performance.now();
const ask = async () => {
  for (let i = 0; i < 200; i += 1) await bus.request("echo", reading);
};
await Promise.all(Array.from({ length: 64 }, ask));
const perSecond = (64 * 200 * 1_000) / (performance.now() - start);
console.log(`  64 of them at the same time    ${thousands(perSecond)} a second`);

const events = 50_000;
const eventsStart = performance.now();
for (let i = 0; i < events; i += 1) {
  await bus.publish("figures", reading);
  if (i % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve));
}
// The answer comes behind the events, and Python counts them before it answers.
let counted = 0;
while (counted < events) counted = Number(await bus.request("counted"));
const eventsPerSecond = (events * 1_000) / (performance.now() - eventsStart);
console.log(`  events that Python handles     ${thousands(eventsPerSecond)} a second\n`);

worker.kill("SIGTERM");
await ended;
await bus.drain();
await rm(folder, { recursive: true, force: true });
console.log("Python left in good order, and the bus is drained. Done.");

/** @param {number} count */
function thousands(count) {
  return Math.round(count).toLocaleString("en");
}
