import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { wordsOf } from "./mounted-group.ts";
import { newName } from "./names.ts";

/** What all processes of one worker may take together. */
export interface GroupLimits {
  readonly memoryBytes?: number | undefined;
  readonly processes?: number | undefined;
}

const FIRST_REST_MS = 5;
const MOST_ATTEMPTS = 10;

/**
 * A control group for one worker, and for all that it starts: the kernel holds them to limits together.
 *
 * All memory counts that they touch first: what is mapped, what is shared, files in memory. It has no swap.
 */
export class ControlGroup {
  readonly #folder: string;

  /**
   * @param place where groups can be made
   * @throws {Error} the system's, and no group is left
   */
  constructor(place: string, { memoryBytes, processes }: GroupLimits) {
    this.#folder = join(place, newName());
    mkdirSync(this.#folder);
    try {
      if (memoryBytes !== undefined) {
        this.#write("memory.max", memoryBytes);
        // Kernels without swap accounting have no such file, and then nothing is swapped for its sake.
        if (existsSync(join(this.#folder, "memory.swap.max"))) this.#write("memory.swap.max", 0);
      }
      if (processes !== undefined) this.#write("pids.max", processes);
    } catch (error) {
      rmdirSync(this.#folder);
      throw error;
    }
  }

  /** Moves a process in; one that has ended already is none to move. @throws {Error} the system's */
  add(pid: number): void {
    try {
      this.#write("cgroup.procs", pid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Whether the kernel has ended a process in here for lack of memory. */
  get hasKilled(): boolean {
    const words = wordsOf(this.#folder, "memory.events");
    return Number(words[words.indexOf("oom_kill") + 1] ?? 0) > 0;
  }

  /** Ends what is still in here, and removes it as soon as that is gone. Never throws: what stays is removed by the next program. */
  remove(attempt: number = 0): void {
    try {
      rmdirSync(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY" || attempt === MOST_ATTEMPTS) return;
      if (attempt === 0) this.#end();
      setTimeout(() => this.remove(attempt + 1), FIRST_REST_MS * 2 ** attempt).unref();
    }
  }

  #end(): void {
    try {
      this.#write("cgroup.kill", 1);
    } catch {
      // Kernels before 5.14 have no such file; the keeper has seen to it.
    }
  }

  #write(file: string, value: number): void {
    writeFileSync(join(this.#folder, file), String(value));
  }
}
