import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("nursery.py", import.meta.url));

/** The life of a guest. */
export interface GuestPlan {
  /** Where it connects, one after the other: to the next when the one before has ended. */
  readonly addresses: readonly string[];
  /** The step with which something happens to it. @default never */
  readonly at?: number | undefined;
  /** What happens then. @default SIGKILL */
  readonly signal?: "SIGKILL" | "SIGSTOP" | undefined;
  /** It dies behind so many bytes of its offer. @default it does not */
  readonly offer?: number | undefined;
  /** It is to write where it may not. */
  readonly scribbles?: boolean | undefined;
}

/** A guest that was forked. */
export interface NurseryGuest {
  readonly pid: number;
  /** It was stopped by its own signal. */
  readonly stopped: Promise<void>;
  /** The number of the signal that ended it, or minus its exit code. */
  readonly ended: Promise<number>;
  kill(): void;
}

interface News {
  readonly id: number;
  readonly pid?: number;
  readonly stopped?: true;
  readonly ended?: number;
}

interface Expecting {
  readonly born: (pid: number) => void;
  readonly stopped: () => void;
  readonly ended: (how: number) => void;
}

const SIGNALS = { SIGKILL: 9, SIGSTOP: 19 } as const;

/** Starts Python guests within milliseconds: they are forked off one that has everything loaded. */
export class Nursery implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #expecting = new Map<number, Expecting>();
  #last = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#exited = once(process, "exit");
    const { stdout } = process;
    if (stdout === null) throw new Error("Cannot hear the nursery");
    createInterface({ input: stdout }).on("line", (line) => this.#hear(JSON.parse(line) as News));
  }

  static open(python: string, env: NodeJS.ProcessEnv = process.env): Nursery {
    return new Nursery(spawn(python, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"], env }));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  start(plan: GuestPlan): Promise<NurseryGuest> {
    const { addresses, at = 0, signal = "SIGKILL", offer = -1, scribbles = false } = plan;
    const id = (this.#last += 1);
    const line = JSON.stringify({ id, addresses, at, signal: SIGNALS[signal], offer, scribbles });
    const gone = this.#exited.then(() => {
      throw new Error("Cannot start guest: the nursery is gone");
    });
    const born = new Promise<NurseryGuest>((resolve) => {
      let stop: () => void = () => undefined;
      let end: (how: number) => void = () => undefined;
      const stopped = new Promise<void>((done) => (stop = done));
      const ended = new Promise<number>((done) => (end = done));
      this.#expecting.set(id, {
        stopped: stop,
        ended: end,
        born: (pid) => resolve({ pid, stopped, ended, kill: () => kill(pid) }),
      });
      this.#process.stdin?.write(`${line}\n`);
    });
    gone.catch(() => undefined);
    return Promise.race([born, gone]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#exited;
  }

  #hear({ id, pid, stopped, ended }: News): void {
    const guest = this.#expecting.get(id);
    if (pid !== undefined) guest?.born(pid);
    if (stopped === true) guest?.stopped();
    if (ended === undefined) return;
    guest?.ended(ended);
    this.#expecting.delete(id);
  }
}

/** Only for a process that was not yet reaped, whose number nobody else can have. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
