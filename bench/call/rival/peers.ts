import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { type Peer, peerFolder } from "../peers.ts";
import type { Rival } from "./rival.ts";

const WORK_FOLDER = fileURLToPath(new URL("../../../call/", import.meta.url));

async function load(peer: Peer): Promise<unknown> {
  const file = createRequire(join(peerFolder(peer), "index.js")).resolve(peer);
  const loaded = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  return loaded.default ?? loaded;
}

interface Work {
  add(left: number, right: number): Promise<number>;
  first(array: unknown): Promise<number>;
}

/** A process that is asked over a pipe, with JSON. */
export async function pythonia(): Promise<Rival> {
  process.env["PYTHON_BIN"] = process.env["AMPHIS_PYTHON"] ?? "python3";
  const file = createRequire(join(peerFolder("pythonia"), "index.js")).resolve("pythonia");
  const { python } = (await import(pathToFileURL(file).href)) as {
    readonly python: ((path: string) => Promise<Work>) & { exit(): void };
  };
  const work = await python(join(WORK_FOLDER, "work.py"));
  const { array } = (await python("numpy")) as unknown as {
    readonly array: (values: readonly number[]) => Promise<unknown>;
  };
  return {
    pid: undefined,
    add: (left, right) => work.add(left, right),
    first: async (values) => work.first(await array([...values])),
    stop: async () => python.exit(),
  };
}

interface Interpreter {
  importSync(path: string): unknown;
  call(module: unknown, name: string, ...args: readonly unknown[]): Promise<number>;
  callSync(module: unknown, name: string, ...args: readonly unknown[]): number;
}

/** An interpreter in this process: no isolation. */
export async function nodeCallsPython(): Promise<Rival> {
  const { interpreter } = (await load("node-calls-python")) as {
    readonly interpreter: Interpreter;
  };
  const work = interpreter.importSync(join(WORK_FOLDER, "work.py"));
  return {
    pid: undefined,
    add: (left, right) => interpreter.call(work, "add", left, right),
    addSync: (left, right) => interpreter.callSync(work, "add", left, right),
    stop: async () => undefined,
  };
}

interface Messages {
  send(message: unknown): void;
  on(event: "message", listener: (message: number) => void): void;
  end(done: () => void): void;
  readonly childProcess: { readonly pid?: number };
}

/** A script that reads JSON from its standard input. */
export async function pythonShell(): Promise<Rival> {
  const { PythonShell } = (await load("python-shell")) as {
    readonly PythonShell: new (script: string, options: object) => Messages;
  };
  const shell = new PythonShell(join(WORK_FOLDER, "lines.py"), {
    mode: "json",
    pythonPath: process.env["AMPHIS_PYTHON"] ?? "python3",
  });
  const waiting: ((value: number) => void)[] = [];
  shell.on("message", (value) => waiting.shift()?.(value));
  return {
    pid: shell.childProcess.pid,
    add: (left, right) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        shell.send([left, right]);
      }),
    stop: () => new Promise((resolve) => shell.end(resolve)),
  };
}
