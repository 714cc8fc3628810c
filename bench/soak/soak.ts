import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { isAmphisError, openPython, type Python } from "amphis";

/** Where `load.py` lies, seen from the sources and from what was built of them. */
const FOLDERS = ["./", "../../soak/"].map((each) => fileURLToPath(new URL(each, import.meta.url)));
const WORKERS = 4;
const IN_FLIGHT = 10_000;
const KILL_EVERY_MS = 400;
/** How the end of a worker may show in a call that it held. */
const TYPED = new Set(["WORKER_CRASHED", "WORKER_KILLED", "CALLBACK_FAILED"]);

export interface SoakOptions {
  readonly python?: string | undefined;
  readonly ms: number;
  readonly seed?: number;
  readonly onProgress?: (line: string) => void;
}

export interface Soaked {
  readonly calls: number;
  readonly right: number;
  /** Calls that were rejected because their worker died, by code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** What must not be: wrong values, untyped errors, calls that settled twice or never. */
  readonly wrong: readonly string[];
  readonly kills: number;
  /** Workers that answered at the end. */
  readonly alive: number;
  /** Descriptors and processes, and leases, that were not there before. */
  readonly leaked: Readonly<Record<"descriptors" | "processes" | "leases", number>>;
}

/** Calls of all kinds, thousands at a time, while workers are killed at random. */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const before = { descriptors: descriptors(), processes: children() };
  const run = new Run(options);
  const { alive, leases } = await run.go();
  await settled(() => children() <= before.processes && descriptors() <= before.descriptors);
  return {
    ...run.outcome(),
    alive,
    leaked: {
      descriptors: Math.max(0, descriptors() - before.descriptors),
      processes: Math.max(0, children() - before.processes),
      leases,
    },
  };
}

class Run {
  readonly #options: SoakOptions;
  readonly #rejected: Record<string, number> = {};
  readonly #wrong: string[] = [];
  readonly #random: () => number;
  #calls = 0;
  #right = 0;
  #kills = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = randomFrom(options.seed ?? 1);
  }

  outcome(): Pick<Soaked, "calls" | "right" | "rejected" | "wrong" | "kills"> {
    const [calls, right, kills] = [this.#calls, this.#right, this.#kills];
    return { calls, right, kills, rejected: this.#rejected, wrong: this.#wrong };
  }

  async go(): Promise<{ alive: number; leases: number }> {
    const py = await openPython({
      python: this.#options.python,
      path: FOLDERS,
      workers: WORKERS,
      minWorkers: WORKERS,
      maxWaiting: 2 * IN_FLIGHT,
      breaker: { crashes: Number.MAX_SAFE_INTEGER },
    });
    try {
      const end = performance.now() + this.#options.ms;
      const killer = this.#kill(py, end);
      await Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#caller(py, end)));
      await killer;
      const alive = await fullStrength(py);
      // What was lent comes back when the garbage collector has seen it on both sides, or with the workers.
      await py.drain();
      return { alive, leases: py.status().memory?.arena?.leases ?? 0 };
    } finally {
      await py.close();
    }
  }

  async #caller(py: Python, end: number): Promise<void> {
    while (performance.now() < end) {
      this.#calls += 1;
      const number = this.#calls;
      let outcomes = 0;
      try {
        const isRight = await this.#one(py, number);
        outcomes += 1;
        if (isRight) this.#right += 1;
        else this.#wrong.push(`call ${number}: a wrong value`);
      } catch (error) {
        outcomes += 1;
        this.#judge(number, error);
      }
      if (outcomes !== 1) this.#wrong.push(`call ${number} settled ${outcomes} times`);
    }
  }

  #judge(number: number, error: unknown): void {
    const code = isAmphisError(error) ? error.code : "untyped";
    if (TYPED.has(code)) this.#rejected[code] = (this.#rejected[code] ?? 0) + 1;
    else this.#wrong.push(`call ${number}: ${String(error)}`);
  }

  async #one(py: Python, number: number): Promise<boolean> {
    switch (number % 8) {
      case 0:
        return (
          (await py.call("load:total", [new Float64Array(2_000).fill(number)])) === 2_000 * number
        );
      case 1:
        return (
          (await py.call("load:ask", [(value: number) => value * 2, number])) === number * 2 + 1
        );
      case 2:
        return streamed(py);
      case 3:
        return raised(py, number);
      case 4:
        return (await py.call("load:same", [number], { idempotent: true })) === number;
      default:
        return (await py.call("load:same", [number])) === number;
    }
  }

  async #kill(py: Python, end: number): Promise<void> {
    let shown = performance.now();
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS * (0.5 + this.#random())));
      const workers = py.status().pools["default"]?.workers ?? [];
      const { pid, state } = workers[Math.floor(this.#random() * workers.length)] ?? {};
      if (pid !== undefined && state === "ready" && kill(pid)) this.#kills += 1;
      if (performance.now() - shown < 5_000) continue;
      shown = performance.now();
      const left = Math.round((end - shown) / 1_000);
      this.#options.onProgress?.(
        `${this.#calls} calls, ${this.#kills} kills, ${this.#wrong.length} wrong; ${left} s left`,
      );
    }
  }
}

async function streamed(py: Python): Promise<boolean> {
  let next = 0;
  for await (const value of py.stream("load:count", [5])) {
    if (value !== next) return false;
    next += 1;
  }
  return next === 5;
}

async function raised(py: Python, number: number): Promise<boolean> {
  try {
    await py.call("load:fail", [number]);
    return false;
  } catch (error) {
    if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
    return error.text === `wanted ${number}`;
  }
}

/** As many calls at once as there are workers, each long enough that no worker does two. */
async function fullStrength(py: Python): Promise<number> {
  await settled(
    () =>
      (py.status().pools["default"]?.workers ?? []).filter(({ pid }) => pid !== undefined).length >=
      WORKERS,
  );
  const asked = Array.from({ length: WORKERS }, async () => {
    await py.call("time:sleep", [0.3]);
  });
  const ended = await Promise.allSettled(asked);
  return ended.filter(({ status }) => status === "fulfilled").length;
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    // It has ended by itself meanwhile.
    return false;
  }
}

function descriptors(): number {
  let count = 0;
  for (const each of readdirSync("/proc/self/fd")) {
    try {
      // Node opens and closes files for its own reading as it likes.
      if (!readlinkSync(`/proc/self/fd/${each}`).startsWith("/")) count += 1;
    } catch {
      // The descriptor of this very listing.
    }
  }
  return count;
}

function children(): number {
  const path = `/proc/self/task/${process.pid}/children`;
  return readFileSync(path, "utf8").split(" ").filter(Boolean).length;
}

async function settled(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds() && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
