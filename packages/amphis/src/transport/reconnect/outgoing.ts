import { type FrameInit, HEADER_BYTES } from "@amphis/protocol";

import type { WhileDown } from "./contract.ts";

/** A frame whose `send` has not settled. Settles once. */
export class Outgoing {
  readonly frame: FrameInit;
  readonly whileDown: WhileDown;
  readonly signal: AbortSignal | undefined;
  /** Place in the order of sending. */
  readonly turn: number;
  readonly bytes: number;
  readonly accepted: Promise<void>;
  resolve: () => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor(
    frame: FrameInit,
    turn: number,
    whileDown: WhileDown,
    signal: AbortSignal | undefined,
  ) {
    this.frame = frame;
    this.turn = turn;
    this.whileDown = whileDown;
    this.signal = signal;
    this.bytes = frameBytes(frame);
    this.accepted = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** What the frame takes in memory, to within the padding. */
function frameBytes({ body, attachments = [] }: FrameInit): number {
  let total = HEADER_BYTES + body.length;
  for (const { data } of attachments) total += data.length + 8;
  return total;
}

/** Frames that wait for a connection. */
export class Backlog {
  readonly #entries = new Set<Outgoing>();
  readonly #limit: number;
  #bytes = 0;
  /** Takes back the listeners on the signals. */
  readonly #stops = new Map<Outgoing, () => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when it does not fit */
  add(entry: Outgoing): boolean {
    if (this.#bytes + entry.bytes > this.#limit) return false;
    this.#entries.add(entry);
    this.#bytes += entry.bytes;
    const { signal } = entry;
    if (signal !== undefined) {
      const abort = (): void => {
        this.#remove(entry);
        entry.reject(signal.reason);
      };
      signal.addEventListener("abort", abort);
      this.#stops.set(entry, () => signal.removeEventListener("abort", abort));
    }
    return true;
  }

  /** Takes everything out; what a broken connection gave back may be older than what waited already. */
  takeAll(): Outgoing[] {
    const entries = [...this.#entries].sort((one, other) => one.turn - other.turn);
    for (const entry of entries) this.#remove(entry);
    return entries;
  }

  #remove(entry: Outgoing): void {
    if (!this.#entries.delete(entry)) return;
    this.#bytes -= entry.bytes;
    this.#stops.get(entry)?.();
    this.#stops.delete(entry);
  }
}
