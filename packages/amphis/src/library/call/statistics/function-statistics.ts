import { Latency, type LatencySummary } from "../../../pool/index.ts";
import type { CallFigures } from "../../../worker/index.ts";
import type { CacheFigures } from "../cache/index.ts";
import { adviceOf } from "./advice.ts";

/** How a function was called. */
export interface FunctionFigures {
  /** Dotted name within the library; what chains do is named by the whole chain. */
  readonly name: string;
  readonly calls: number;
  readonly errors: number;
  /** From the call until the answer, waiting included, but for what was kept. */
  readonly latency: LatencySummary;
  /** Part of the time that values took to be converted, of that and the function itself, 0 to 1; absent until it was measured. */
  readonly transferShare: number | undefined;
  /** Bytes that a call moved in both directions, on average, shared memory included; absent until it was measured. */
  readonly bytesPerCall: number | undefined;
  /** Calls that travelled together with others. */
  readonly batched: number;
  /** Of pure functions. */
  readonly cache: CacheFigures | undefined;
  /** What would make it faster. */
  readonly suggestions: readonly string[];
}

/** Of so many calls that are sent, one is measured, once there were some. */
const MEASURED = 512;

/** Counts what calls of one function do. Few are measured, as that makes an answer longer, and most of them among the first. */
export class FunctionStatistics {
  readonly name: string;
  calls = 0;
  errors = 0;
  batched = 0;
  waitedMs = 0;
  #sent = 0;
  #measured = 0;
  #convertMs = 0;
  #runMs = 0;
  #bytes = 0;
  readonly #latency = new Latency();

  constructor(name: string) {
    this.name = name;
  }

  /** Whether the next call that is sent is to be measured. */
  isMeasured(): boolean {
    this.#sent += 1;
    const sent = this.#sent;
    // Not the first, which may have to load the library.
    return sent < MEASURED ? sent > 1 && (sent & (sent - 1)) === 0 : sent % MEASURED === 0;
  }

  done(tookMs: number, isError: boolean): void {
    if (isError) this.errors += 1;
    this.#latency.add(tookMs);
  }

  measured({ worker, encodeMs, decodeMs, ...bytes }: CallFigures): void {
    if (worker === undefined) return;
    this.#measured += 1;
    this.#convertMs += encodeMs + decodeMs + (worker.decodeNs + worker.encodeNs) / 1e6;
    this.#runMs += worker.runNs / 1e6;
    this.#bytes +=
      bytes.sentBytes + bytes.receivedBytes + bytes.sharedOutBytes + bytes.sharedInBytes;
  }

  figures(cache: CacheFigures | undefined): FunctionFigures {
    const isKnown = this.#measured > 0;
    const whole = this.#convertMs + this.#runMs;
    const figures = {
      name: this.name,
      calls: this.calls,
      errors: this.errors,
      latency: this.#latency.summary(),
      transferShare: isKnown && whole > 0 ? this.#convertMs / whole : undefined,
      bytesPerCall: isKnown ? this.#bytes / this.#measured : undefined,
      batched: this.batched,
      cache,
    };
    const runMs = isKnown ? this.#runMs / this.#measured : undefined;
    const waitedMs = this.calls === 0 ? 0 : this.waitedMs / this.calls;
    return { ...figures, suggestions: adviceOf(figures, { runMs, waitedMs }) };
  }
}
