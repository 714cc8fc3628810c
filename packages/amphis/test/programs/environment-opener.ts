/*
 * Opens an environment as its arguments say, and tells the progress to the process that started it. Where it is told to stop it stops for
 * good, in the middle of its work, until it is killed.
 */

import { type EnvironmentRequest, openEnvironment } from "../../src/library/environment/index.ts";

const [request = "", until = ""] = process.argv.slice(2);

const { prefix } = await openEnvironment(JSON.parse(request) as EnvironmentRequest, {
  onProgress: ({ kind }) => {
    process.send?.({ kind });
    if (kind !== until) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
process.send?.({ kind: "opened", prefix });
process.disconnect();
