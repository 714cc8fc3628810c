import type { Lease, LeasedBytes, SharedMemory, TensorMemory } from "../../src/memory/index.ts";
import { tear } from "./pattern.ts";
import type { Step } from "./script.ts";
import type { Answer } from "./session.ts";

/** Memory that the host got of a guest and keeps. */
export interface Kept {
  readonly operation: number;
  readonly memory: TensorMemory;
}

/** What the guests of one schedule have in common: memory, numbers of operations, and what was wrong with any byte. */
export class Stage {
  readonly memory: SharedMemory;
  readonly problems: string[] = [];
  #kept: Kept[] = [];
  #operation: number;
  #bytes = 0;

  constructor(memory: SharedMemory, seed: number) {
    this.memory = memory;
    this.#operation = (seed * 4_096) >>> 0;
  }

  /** Of all patterns so far. */
  get bytes(): number {
    return this.#bytes;
  }

  operation(length: number): number {
    this.#bytes += length;
    return (this.#operation = (this.#operation + 1) >>> 0);
  }

  /** Notes a pattern that is not the one that was written. */
  verify(memory: Uint8Array, operation: number, length: number): void {
    const problem = tear(memory, operation, length);
    if (problem !== undefined) this.problems.push(problem);
  }

  /** Looks at what came from a guest, and deals with it. */
  take(answer: Answer, operation: number, { length, then }: Step): void {
    if (!isMemory(answer)) {
      this.problems.push(`no memory came for operation ${operation}`);
      return;
    }
    this.verify(answer.bytes, operation, length);
    if (then === "release") leaseOf(answer)?.release();
    else if (then === "keep") this.#kept.push({ operation, memory: answer });
  }

  /** Something that was kept, to be sent on. */
  anyKept(choice: number): Kept | undefined {
    return this.#kept[choice % this.#kept.length];
  }

  /** Looks at all that was kept once more, and lets go of it. */
  letGo(): void {
    for (const { operation, memory } of this.#kept) {
      this.verify(memory.bytes, operation, memory.bytes.length);
      leaseOf(memory)?.release();
    }
    this.#kept = [];
  }
}

/** What holds the memory, where it is shared. */
export function leaseOf(memory: TensorMemory): Lease | LeasedBytes | undefined {
  return "release" in memory ? (memory as LeasedBytes) : undefined;
}

function isMemory(answer: Answer): answer is TensorMemory {
  return typeof answer === "object" && answer !== null && "bytes" in answer;
}
