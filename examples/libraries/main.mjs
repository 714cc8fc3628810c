// @ts-nocheck - values of undeclared modules have no type in JavaScript
/* What a configuration adds to the calls of a library: kept results, hooks, batches, own types, figures. */

import { fileURLToPath } from "node:url";

import { isAmphisError, openPython } from "amphis";
import { subscribe } from "amphis/telemetry";

const config = fileURLToPath(new URL("amphis.config.ts", import.meta.url));
const onLog = ({ message }) => console.log(`python: ${message.trimEnd()}`);

const py = await openPython({ config, onLog });
const fc = py.import("fc");

// #region kept
console.log(await fc.trend([1, 2, 4]), await fc.trend([1, 2, 4])); // Python is asked once
console.log(await py.call("fc:called", ["trend"]));
py.forget({ library: "forecast", functions: "trend" });
// #endregion kept

// #region hook
try {
  await fc.trend([1]);
} catch (error) {
  if (isAmphisError(error, "LIBRARY_HOOK_FAILED")) console.log(error.hook, "-", error.reason);
}
// #endregion hook

// #region excluded
try {
  await fc.internal_state();
} catch (error) {
  if (isAmphisError(error, "LIBRARY_MEMBER_EXCLUDED")) console.log(error.message);
}
// #endregion excluded

// #region trace
const end = subscribe(
  ({ event }) => console.log(event.function, event.source, event.arguments, event.result),
  ["libraryCall"],
);
await fc.trend([2, 6, 8]);
await fc.trend([2, 6, 8]);
end();
// #endregion trace

// #region figures
for (const { name, calls, cache, suggestions } of py.libraries()[0].functions) {
  if (cache === undefined) continue;
  console.log(name, calls, cache.hits, cache.misses, suggestions);
}
// #endregion figures

await py.close();
