import { policyDenied } from "../telemetry/index.ts";
import type { WorkerEvent } from "../worker/index.ts";

const MOST_TEXT = 400;

/** What a worker says that its policy denied. What it says may be anything; a worker can also say nothing. */
export class WorkerDenials {
  readonly #pool: string;
  readonly #worker: number;
  #count = 0;

  constructor(pool: string, worker: number) {
    this.#pool = pool;
    this.#worker = worker;
  }

  /** How many there were, as far as it says. */
  get count(): number {
    return this.#count;
  }

  tell(event: WorkerEvent): void {
    const { count, call } = event;
    const isCount = Number.isSafeInteger(count) && Number(count) > 0;
    this.#count = isCount ? Math.max(this.#count, Number(count)) : this.#count + 1;
    if (!policyDenied.hasSubscribers) return;
    policyDenied.publish({
      pool: this.#pool,
      worker: this.#worker,
      call: Number.isSafeInteger(call) && Number(call) > 0 ? Number(call) : undefined,
      rule: textOf(event["rule"]),
      event: textOf(event["audit"]),
      target: textOf(event["target"]),
      count: this.#count,
    });
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MOST_TEXT) : "";
}
