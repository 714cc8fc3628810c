import type { DeathKind, WorkerDeath } from "./death.ts";

/** A death that nobody in this program wanted. */
export interface Crash {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly worker: number;
  readonly pid: number;
  readonly kind: DeathKind;
  readonly text: string;
  /** What was being called; undefined when it was idle, and the first of several where several ran. */
  readonly call: string | undefined;
  readonly device: string | undefined;
  readonly pythonStack: string;
}

/** Something that crashes have in common. */
export interface CrashPattern {
  readonly call: string;
  readonly kind: DeathKind;
  /** How often, among those remembered. */
  readonly count: number;
}

/** Crashes that are remembered. */
const MOST = 32;

/** So often is no accident. */
const OFTEN = 3;

/** The latest crashes of a pool, oldest first. */
export class CrashHistory {
  readonly #crashes: Crash[] = [];
  #total = 0;

  /** Of all time. */
  get total(): number {
    return this.#total;
  }

  get crashes(): readonly Crash[] {
    return [...this.#crashes];
  }

  add(crash: Crash): void {
    this.#total += 1;
    this.#crashes.push(crash);
    if (this.#crashes.length > MOST) this.#crashes.shift();
  }

  /** The system tells in the end how a worker died that had said so itself. */
  correct(worker: number, { kind, text }: WorkerDeath): void {
    const at = this.#crashes.findLastIndex((crash) => crash.worker === worker);
    const crash = this.#crashes[at];
    if (crash !== undefined) this.#crashes[at] = { ...crash, kind, text };
  }

  /** How often this call was being made when a worker died in this way. */
  count(call: string, kind: DeathKind): number {
    return this.#crashes.filter((crash) => crash.call === call && crash.kind === kind).length;
  }

  /** Calls in which workers died again and again, the worst first. */
  patterns(): CrashPattern[] {
    const found = new Map<string, CrashPattern>();
    for (const { call, kind } of this.#crashes) {
      if (call === undefined) continue;
      const key = `${kind} ${call}`;
      found.set(key, { call, kind, count: (found.get(key)?.count ?? 0) + 1 });
    }
    return [...found.values()]
      .filter(({ count }) => count >= OFTEN)
      .sort((one, other) => other.count - one.count);
  }

  /** A clause for error messages: that it was the same before; empty if it was not. */
  remark(call: string, kind: DeathKind): string {
    const count = this.count(call, kind);
    return count < OFTEN ? "" : `, as in ${count} of the last ${this.#crashes.length} crashes`;
  }
}
