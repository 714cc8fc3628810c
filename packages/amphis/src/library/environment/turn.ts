import { randomUUID } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/*
 * One at a time, among processes that know nothing of each other.
 *
 * Turns are numbered files: whoever makes the file of the next number has the turn. A file is made whole and at once (a link), is marked
 * as over when the turn ends, and stays until a later turn has begun; so the highest number is always there, and whoever made a lower one,
 * having looked too early, sees that and steps back. A holder that died is noticed by its process, and one on another machine, or in
 * another container, by a file that is not touched any more.
 */

/** The right to change the environments of a project. */
export interface Turn {
  /** Whether this process still has it: somebody may have taken it for dead. */
  isMine(): Promise<boolean>;
  end(): Promise<void>;
}

export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once, when somebody else has the turn. */
  readonly onWait: (holder: string) => void;
}

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** Start of the process, as the system counts: numbers of processes come back. */
  readonly started: string;
  readonly isOver: boolean;
}

const NAME = /^turn\.(\d{1,15})$/u;
const TOUCH_MS = 2_000;
/** Looks that find nothing new in the file of a holder elsewhere, before it counts as dead. */
const SILENT_MS = 60_000;
const LOOK_MS = 500;

/**
 * Waits for the turn in a folder.
 *
 * @throws the reason of the signal
 */
export async function takeTurn(folder: string, { signal, onWait }: TurnOptions): Promise<Turn> {
  await mkdir(folder, { recursive: true });
  const silence = new Silence();
  let isTold = false;
  for (;;) {
    signal?.throwIfAborted();
    const last = await lastTurn(folder);
    if (last === undefined || (await isFree(last, silence))) {
      const turn = await begin(folder, (last?.number ?? 0) + 1);
      if (turn !== undefined) return turn;
      continue;
    }
    if (!isTold) onWait(`process ${last.holder?.pid ?? "?"} on ${last.holder?.host ?? "?"}`);
    isTold = true;
    await changeIn(folder, signal);
  }
}

interface LastTurn {
  readonly number: number;
  readonly path: string;
  /** Undefined when the file went away, or says nothing that is understood. */
  readonly holder: Holder | undefined;
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
}

async function lastTurn(folder: string): Promise<LastTurn | undefined> {
  const number = Math.max(0, ...(await numbersIn(folder)));
  if (number === 0) return undefined;
  const path = join(folder, `turn.${number}`);
  return { number, path, holder: parseHolder(await readFile(path, "utf8").catch(() => "")) };
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { id, pid, host, started, isOver } = JSON.parse(text) as Partial<Holder>;
    const isWhole =
      typeof id === "string" &&
      Number.isSafeInteger(pid) &&
      typeof host === "string" &&
      typeof started === "string";
    return isWhole ? { id, pid: pid ?? 0, host, started, isOver: isOver === true } : undefined;
  } catch {
    return undefined;
  }
}

/** How long the files of holders that cannot be asked have been as they are, by this process's clock alone. */
class Silence {
  #seen = "";
  #since = 0;

  lasts({ number }: LastTurn, touchedMs: number): boolean {
    const seen = `${number} ${touchedMs}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = performance.now();
    }
    return performance.now() - this.#since > SILENT_MS;
  }
}

async function isFree(last: LastTurn, silence: Silence): Promise<boolean> {
  const { holder, path } = last;
  if (holder?.isOver === true) return true;
  if (holder?.host === hostname()) return !(await isAlive(holder));
  const touched = await stat(path).catch(() => undefined);
  return silence.lasts(last, touched?.mtimeMs ?? 0);
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return (await startOf(pid)) === started;
}

/** Field 22 of the file; the name of the program before it may hold anything. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

/** Undefined when somebody else was first. */
async function begin(folder: string, number: number): Promise<Turn | undefined> {
  const id = randomUUID();
  const path = join(folder, `turn.${number}`);
  const draft = join(folder, `draft.${id}`);
  const holder = { id, pid: process.pid, host: hostname(), started: await startOf(process.pid) };
  await writeFile(draft, JSON.stringify({ ...holder, isOver: false }));
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const isMine = async (): Promise<boolean> => {
    const last = await lastTurn(folder);
    return last?.number === number && last.holder?.id === id;
  };
  if (!(await isMine())) {
    await rm(path, { force: true });
    return undefined;
  }
  for (const earlier of await numbersIn(folder)) {
    if (earlier < number) await rm(join(folder, `turn.${earlier}`), { force: true });
  }
  const touching = setInterval(() => {
    const now = new Date();
    // Who took this turn for dead removed the file.
    utimes(path, now, now).catch(() => {});
  }, TOUCH_MS);
  touching.unref();
  return {
    isMine,
    end: async () => {
      clearInterval(touching);
      if (!(await isMine())) return;
      await writeFile(draft, JSON.stringify({ ...holder, isOver: true }));
      await rename(draft, path);
    },
  };
}

/** Until something happens in the folder, or it is time to look whether the holder lives. */
async function changeIn(folder: string, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    let watcher: FSWatcher | undefined;
    const done = (): void => {
      clearTimeout(timer);
      watcher?.close();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_MS);
    signal?.addEventListener("abort", done);
    try {
      watcher = watch(folder, done);
      watcher.on("error", done);
    } catch {
      // No watches are left on this system: the timer is enough.
    }
  });
}
