/* Python that is held to a policy: by an audit hook, by the kernel, and by what somebody has approved. */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { openPython } from "amphis";
import { Approvals, isolationSupport, reviewLibrary } from "amphis/library";
import { policyDenied } from "amphis/telemetry";

/** @type {import("amphis").PythonOptions} */
const here = { config: false, workers: 1, path: import.meta.dirname, onLog: () => undefined };

// #region guarded
const guarded = await openPython({
  ...here,
  isolation: "guarded",
  policy: {
    libraries: { allow: ["math", "tasks"] }, // what this program may reach
    files: { read: [import.meta.dirname], write: [] },
  },
});
console.log("math     ", await guarded.call("math:hypot", [3, 4]));
// #endregion guarded

// #region denied
policyDenied.subscribe(({ rule, event }) => console.log("event    ", rule, event));
try {
  await guarded.call("tasks:tidy", ["/"]); // starts a process, wherever in its code
} catch (error) {
  if (!isAmphisError(error, "POLICY_DENIED")) throw error;
  console.log("denied   ", error.rule, error.event); // processes subprocess.Popen
}
// #endregion denied
/** @param {unknown} error */
const rule = (error) => (isAmphisError(error, "POLICY_DENIED") ? error.rule : error);
console.log("reached  ", await guarded.call("os:system", ["true"]).catch(rule));
console.log("file     ", await guarded.call("tasks:peek", ["/etc/passwd"]).catch(rule));
await guarded.close();

const web = createServer((_, answer) => answer.end("hello")).listen(0, "127.0.0.1");
await once(web, "listening");
const address = web.address();
const port = typeof address === "object" ? address?.port : address;

// #region hosts
const connected = await openPython({
  ...here,
  isolation: "guarded", // or sandboxed, for HTTP and HTTPS
  policy: { network: [`localhost:${port}`, "*.example.org:443"] },
});
console.log("page     ", await connected.call("pages:fetch", [`http://localhost:${port}/`]));
try {
  await connected.call("pages:fetch", ["http://203.0.113.7/"]);
} catch (error) {
  // urllib has an error of its own for it.
  if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
  const { cause } = error;
  if (isAmphisError(cause, "POLICY_DENIED")) console.log("denied   ", cause.target);
}
// #endregion hosts
await connected.close();
web.close();

// #region support
const { isSandboxed, missing } = await isolationSupport({ python: guarded.status().python });
if (!isSandboxed) console.log(missing); // each with what to do about it
// #endregion support

if (isSandboxed) {
  // #region sandboxed
  const sandboxed = await openPython({
    ...here,
    isolation: "sandboxed", // ISOLATION_UNSUPPORTED where this machine cannot
    limits: { memoryBytes: 2 ** 30, processes: 64 },
    policy: { files: { read: [import.meta.filename] } },
  });
  console.log("own file ", await sandboxed.call("tasks:note", ["here"]));
  const source = await sandboxed.call("tasks:peek", [import.meta.filename]);
  console.log("lent file", String(source).includes("sandboxed"));
  // #endregion sandboxed
  console.log("host file", await sandboxed.call("tasks:peek", ["/srv/secret"]).catch(rule));
  await sandboxed.close();
}

const folder = await mkdtemp(join(tmpdir(), "amphis-example-"));
try {
  // #region approval
  const review = await reviewLibrary({
    library: "tasks",
    python: guarded.status().python,
    path: [import.meta.dirname],
  });
  console.log("found    ", review.counts); // { processes: 1 }: one place, in findings
  const approvals = await Approvals.open(join(folder, "amphis.approvals.json"));
  console.log("state    ", approvals.stateOf(review)); // pending
  await approvals.approve(review, { by: "Ada", reason: "only lists a folder" });
  console.log("state    ", approvals.stateOf(review)); // approved, until a byte of it changes
  // #endregion approval
} finally {
  await rm(folder, { recursive: true });
}
