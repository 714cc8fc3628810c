// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// What happens inside, as it happens: logged, recorded, heard by name, and joined to a trace.

import { isAmphisError } from "@amphis/protocol";
import { hardware } from "amphis/hardware";
import { Arena } from "amphis/memory";
// #region import
import {
  callStop,
  currentTrace,
  logEvents,
  newTrace,
  operationStart,
  operationStop,
  parseTraceparent,
  recordEvents,
  subscribe,
  withTrace,
  workerExit,
} from "amphis/telemetry";
// #endregion import

// #region log
const stopLogging = logEvents({ minLevel: "warning", write: (line) => console.log(line) });
// #endregion log

askForTooMuch();
stopLogging();

/** Something worth a warning: more memory is asked for than there is. */
function askForTooMuch() {
  const arena = new Arena({ maxBytes: 2 ** 20 });
  try {
    arena.allocate(2 ** 21);
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    console.log(`caught    ${error.code}`);
  } finally {
    arena.close();
  }
}

// #region subscribe
// One kind of event. The listener runs at once, where it happens, so it does little.
callStop.subscribe(({ name, times, bytes }) => {
  console.log(`${name}: ${times.pythonMs} ms of Python, ${bytes.sent} bytes sent`);
});

// Several kinds; the name tells the type.
const leave = subscribe(
  ({ name, event }) => {
    if (name === "workerExit" && !event.isExpected) console.log(event.death, event.stderr);
    if (name === "breakerChange") console.log(`breaker of ${event.pool} is ${event.to}`);
  },
  ["workerExit", "breakerChange"],
);
// #endregion subscribe

console.log(`listening ${workerExit.hasSubscribers}`);
leave();
console.log(`listening ${workerExit.hasSubscribers}`);

// #region record
const recorder = recordEvents({ names: ["hardwareSelect"], limit: 1_000 });
const selected = recorder.next("hardwareSelect", { where: ({ device }) => device === "cpu" });
await hardware.select("cpu");
console.log(`recorded  ${(await selected).device}, ${recorder.of("hardwareSelect").length} in all`);
recorder[Symbol.dispose]();
// #endregion record

// #region node
import { channel } from "node:diagnostics_channel";

channel("amphis:hardware:select").subscribe((event) => console.log("heard    ", event));
// #endregion node
await hardware.select("cpu");

// #region trace
// Of a request that came in; or a new one.
const header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const trace = parseTraceparent(header) ?? newTrace();
await withTrace(trace, async () => {
  // Calls of Python made here, and all that they await, belong to the trace.
  console.log(`trace     ${currentTrace()?.traceId}`);
});
// #endregion trace

// #region emit
/** @param {readonly string[]} texts */
function embed(texts) {
  const identity = { operation: 1, name: "embed", model: "mini-lm", device: "cpu" };
  if (operationStart.hasSubscribers) operationStart.publish(identity);
  const start = performance.now();
  const vectors = texts.map((text) => [text.length]);
  if (operationStop.hasSubscribers) {
    const durationMs = performance.now() - start;
    operationStop.publish({ ...identity, durationMs, batch: texts.length });
  }
  return vectors;
}
// #endregion emit

const stop = subscribe(
  ({ name, event }) =>
    console.log(`operation ${name} ${"batch" in event ? event.batch : ""}`.trim()),
  ["operationStart", "operationStop"],
);
embed(["a", "b"]);
stop();

// #region operations
import { openPython } from "amphis";

const py = await openPython({ path: import.meta.dirname });
const forget = subscribe(
  ({ name, event }) => {
    if (name === "operationProgress") {
      console.log(`progress  ${event.name} step ${event.step}: loss ${event.figures?.loss}`);
    } else if (name === "operationStop") {
      console.log(`done      ${event.name} of ${event.model} after ${event.step + 1} steps`);
    }
  },
  ["operationProgress", "operationStop", "operationError"],
);
console.log(`mean      ${await py.call("trainer:fit", [[2, 4, 6], 1])}`);
// #endregion operations
await py.close();
forget();
