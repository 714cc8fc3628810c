import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import type { HostRule } from "../network-rules.ts";

/** What a proxy refused. */
export interface Refusal {
  /** As `host:port`. */
  readonly target: string;
  /** How it was asked for. */
  readonly event: string;
}

/** Whatever is asked of it, it cannot take the memory of this program. */
const HEAP_MEBIBYTES = 64;

/** Runs a proxy in a thread of its own: a call that blocks this one may be waiting for what the proxy brings. */
export class ProxyThread {
  readonly #thread: Worker;

  /** @param descriptor of the socket to listen on, the thread's from here on */
  constructor(
    rules: readonly HostRule[],
    descriptor: number,
    onRefused: (refusal: Refusal) => void,
  ) {
    this.#thread = new Worker(entry(), {
      workerData: rules,
      execArgv: [],
      env: {},
      name: "amphis proxy",
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
    });
    this.#thread.on("message", onRefused).on("error", () => undefined);
    this.#thread.postMessage(descriptor, []);
    this.#thread.unref();
  }

  close(): void {
    void this.#thread.terminate();
  }
}

/** Threads run what is built, from the sources too. */
function entry(): string {
  const beside = fileURLToPath(new URL("proxy-thread-entry.js", import.meta.url));
  if (existsSync(beside)) return beside;
  const built = "../../../../dist/worker/launch/sandbox/proxy-thread-entry.js";
  return fileURLToPath(new URL(built, import.meta.url));
}
