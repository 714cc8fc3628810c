import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";

import { Line } from "./python.ts";
import { bytesOf, touch, type Way } from "./way.ts";

const WHERE = "/dev/shm";

/** The system takes at most 2 GiB at once. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
}

function readAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += readSync(file, bytes, at, bytes.length - at, at);
}

/** A new file in memory for each array, mapped by NumPy. */
export async function newFiles(folder: string): Promise<Way> {
  const line = await Line.open("files", folder);
  const answer = new Uint8Array(1);
  const name = `${WHERE}/amphis-bench-${process.pid}`;
  return {
    toPython: async (bytes) => {
      const file = openSync(name, "w");
      writeAll(file, bytesOf(bytes));
      closeSync(file);
      await line.ask(`${JSON.stringify(["to", name, bytes])}\n`, answer);
      unlinkSync(name);
    },
    fromPython: async (bytes) => {
      await line.ask(`${JSON.stringify(["from", name, bytes])}\n`, answer);
      const file = openSync(name, "r");
      const array = new Float64Array(bytes / 8);
      readAll(file, new Uint8Array(array.buffer));
      closeSync(file);
      unlinkSync(name);
      touch(array);
    },
    stop: () => line.close(),
  };
}

/** Segments of Python's `multiprocessing.shared_memory`, written and read here as the files that they are. */
export async function segments(folder: string): Promise<Way> {
  const line = await Line.open("segments", folder);
  const answer = new Uint8Array(1);
  const known = new Map<number, number>();
  const targets = new Map<number, Float64Array<ArrayBuffer>>();
  const nameOf = (bytes: number): string => `amphis-bench-${process.pid}-${bytes}`;
  const ask = (what: "to" | "from", bytes: number): Promise<void> =>
    line.ask(`${JSON.stringify([what, nameOf(bytes), bytes])}\n`, answer);
  const fileOf = async (bytes: number): Promise<number> => {
    const open = known.get(bytes);
    if (open !== undefined) return open;
    await ask("from", bytes);
    const file = openSync(`${WHERE}/${nameOf(bytes)}`, "r+");
    known.set(bytes, file);
    return file;
  };
  return {
    toPython: async (bytes) => {
      writeAll(await fileOf(bytes), bytesOf(bytes));
      await ask("to", bytes);
    },
    fromPython: async (bytes) => {
      const file = await fileOf(bytes);
      await ask("from", bytes);
      const array = targets.get(bytes) ?? new Float64Array(bytes / 8);
      targets.set(bytes, array);
      readAll(file, new Uint8Array(array.buffer));
      touch(array);
    },
    stop: async () => {
      for (const file of known.values()) closeSync(file);
      await line.close();
    },
  };
}
