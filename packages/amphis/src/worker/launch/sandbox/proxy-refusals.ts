import { policyDenied } from "../../../telemetry/index.ts";
import type { Refusal } from "./proxy-thread.ts";

/** Whoever tries in a loop is not to fill logs: then only every so many is told. */
const ALL_TOLD = 100;
const STEP = 100;
/** Workers of a sandbox share its proxy, which does not know them apart. */
const SOME_WORKER = 0;

/** Tells of what the proxy of a pool refuses, as workers tell of what they are denied. */
export class ProxyRefusals {
  readonly #pool: string;
  #count = 0;

  constructor(pool: string) {
    this.#pool = pool;
  }

  tell({ target, event }: Refusal): void {
    this.#count += 1;
    const isTold = this.#count <= ALL_TOLD || this.#count % STEP === 0;
    if (!isTold || !policyDenied.hasSubscribers) return;
    const about = { pool: this.#pool, worker: SOME_WORKER, count: this.#count };
    policyDenied.publish({ ...about, rule: "network", event, target });
  }
}
