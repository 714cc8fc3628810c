import { readFileSync } from "node:fs";

/** How many processes the kernel has ended for lack of memory, as this process saw it at some moment. */
export interface KnownKills {
  readonly counted: number | undefined;
  readonly claimed: number;
}

interface Counter {
  readonly file: string;
  readonly key: string;
}

/**
 * Tells deaths for lack of memory from other SIGKILLs, by the kernel's own counter of the control group that workers live in.
 *
 * Each kill explains one death. One of a process that nobody launched may be taken for that of a worker that was killed by hand after it.
 */
class OomKills {
  #counter: Counter | undefined;
  #isSought = false;
  #claimed = 0;

  read(): KnownKills {
    return { counted: this.#count(), claimed: this.#claimed };
  }

  /** Whether there were more kills since then than deaths that they explain; then one more is explained. */
  claim({ counted, claimed }: KnownKills): boolean {
    const now = this.#count();
    if (now === undefined || counted === undefined) return false;
    if (now - counted <= this.#claimed - claimed) return false;
    this.#claimed += 1;
    return true;
  }

  #count(): number | undefined {
    if (!this.#isSought) this.#counter = findCounter();
    this.#isSought = true;
    return this.#counter === undefined ? undefined : countOf(this.#counter);
  }
}

export const oomKills: OomKills = new OomKills();

/** Version 2 of control groups, then 1, then what the machine counts. The path of a group is not there within some containers. */
function findCounter(): Counter | undefined {
  const groups = textOf("/proc/self/cgroup")?.split("\n") ?? [];
  const pathOf = (controller: string): string =>
    groups.find((line) => line.split(":")[1]?.split(",").includes(controller))?.split(":")[2] ?? "";
  const [unified, memory] = [pathOf(""), pathOf("memory")];
  const candidates: readonly Counter[] = [
    { file: `/sys/fs/cgroup${unified}/memory.events`, key: "oom_kill" },
    { file: `/sys/fs/cgroup/memory${memory}/memory.oom_control`, key: "oom_kill" },
    { file: "/sys/fs/cgroup/memory.events", key: "oom_kill" },
    { file: "/sys/fs/cgroup/memory/memory.oom_control", key: "oom_kill" },
    { file: "/proc/vmstat", key: "oom_kill" },
  ];
  return candidates.find((candidate) => countOf(candidate) !== undefined);
}

function countOf({ file, key }: Counter): number | undefined {
  const line = textOf(file)
    ?.split("\n")
    .find((each) => each.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length + 1));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
