import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

import { openPython, Tensor } from "amphis";

import { type Peer, peerFolder } from "../call/peers.ts";

/** Calls a function of `truth.py`. */
export interface Rival {
  call(name: string, args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

const FOLDER = fileURLToPath(new URL("../../truth/", import.meta.url));
const PROGRAM = join(FOLDER, "truth.py");
const python = process.env["AMPHIS_PYTHON"] ?? "python3";

async function amphis(): Promise<Rival> {
  const py = await openPython({ python, workers: 1, path: [FOLDER] });
  return {
    call: async (name, args) => {
      const value = await py.call(`truth:${name}`, args);
      return value instanceof Tensor ? value.view() : value;
    },
    stop: () => py.close(),
  };
}

async function jsonOverStdio(): Promise<Rival> {
  const child = spawn(python, [PROGRAM], { stdio: ["pipe", "pipe", "ignore"] });
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(line));
  child.on("exit", () => waiting.shift()?.reject(new Error("the process ended")));
  child.stdin.on("error", () => undefined);
  return {
    call: async (name, args) => {
      const request = `${JSON.stringify([name, args])}\n`;
      const line = await new Promise<string>((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(request);
      });
      const answer = JSON.parse(line) as { readonly value: unknown; readonly error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    },
    stop: async () => void child.kill(),
  };
}

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

function resolved(peer: Peer): string {
  return pathToFileURL(createRequire(join(peerFolder(peer), "index.js")).resolve(peer)).href;
}

async function pythonia(): Promise<Rival> {
  process.env["PYTHON_BIN"] = python;
  const { python: open } = (await import(resolved("pythonia"))) as {
    readonly python: ((path: string) => Promise<Functions>) & { exit(): void };
  };
  const truth = await open(PROGRAM);
  return {
    // Containers come as live objects, which tell their value when they are asked.
    call: async (name, args) => {
      const answer = await truth[name]?.(...args);
      return typeof answer === "function" ? answer.valueOf() : answer;
    },
    stop: async () => open.exit(),
  };
}

async function nodeCallsPython(): Promise<Rival> {
  const { default: loaded } = (await import(resolved("node-calls-python"))) as {
    readonly default: {
      readonly interpreter: {
        importSync(path: string): unknown;
        call(module: unknown, name: string, ...args: readonly unknown[]): Promise<unknown>;
      };
    };
  };
  const truth = loaded.interpreter.importSync(PROGRAM);
  return {
    call: (name, args) => loaded.interpreter.call(truth, name, ...args),
    stop: async () => undefined,
  };
}

export const RIVALS = {
  amphis: { start: amphis },
  pythonia: { start: pythonia, peer: "pythonia" },
  "node-calls-python": { start: nodeCallsPython, peer: "node-calls-python" },
  "JSON over stdio": { start: jsonOverStdio },
} as const satisfies Record<string, RivalEntry>;
export type RivalName = keyof typeof RIVALS;

interface RivalEntry {
  readonly start: () => Promise<Rival>;
  /** What has to be installed for it. */
  readonly peer?: string;
}

export function peerOf(name: RivalName): string | undefined {
  const entry: RivalEntry = RIVALS[name];
  return entry.peer;
}
