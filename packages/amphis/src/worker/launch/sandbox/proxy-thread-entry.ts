/* What the thread of a proxy runs: told of a socket to listen on, and tells what it refuses. */

import { parentPort, workerData } from "node:worker_threads";

import type { HostRule } from "../network-rules.ts";
import { NetworkProxy } from "./network-proxy.ts";

const proxy = new NetworkProxy({
  rules: workerData as readonly HostRule[],
  onRefused: (target, event) => parentPort?.postMessage({ target, event }, []),
});

// Its ear keeps the thread alive: the proxy by itself would not.
parentPort?.on("message", (fd: number) => {
  // Without it there is no way out, which those inside find out.
  proxy.listen({ fd }).catch(() => proxy.close());
});
