import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";

import type { Command, Replies, Reply } from "./command.ts";

/** Children that were started and not yet reaped. */
const alive = new Set<Child>();

/** Kills what a test left behind, however it ended. */
export async function reap(): Promise<void> {
  await Promise.all([...alive].map(async (child) => child.kill()));
}

/** A process of a test: it is told what to do over its IPC channel, and can be frozen and killed at any time. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #asked = new Map<number, (reply: Reply) => void>();
  readonly #said = new Map<string, (() => void)[]>();
  readonly #remembered = new Set<string>();
  #lastId = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    alive.add(this);
    this.#exited = once(process, "exit").then(() => this.#gone());
    process.on("message", (message: Reply | { readonly said: string }) => {
      if ("said" in message) this.#hear(message.said);
      else this.#asked.get(message.id)?.(message);
    });
  }

  static fork(program: string, ...args: readonly string[]): Child {
    return new Child(
      fork(program, args, {
        execArgv: ["--expose-gc"],
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      }),
    );
  }

  /** Runs a program of Node with at most so many descriptors. */
  static withDescriptors(limit: number, program: string): Child {
    const command = `ulimit -n ${limit}; exec "$0" --expose-gc "$1"`;
    return new Child(
      spawn("sh", ["-c", command, process.execPath, program], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      }),
    );
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws {Error} with the code of what went wrong there, or when the process is gone */
  async ask<C extends Command>(command: C): Promise<Replies[C["act"]]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.#asked.set(id, resolve);
      if (this.#process.connected) this.#process.send({ id, command });
      else resolve({ id, error: { code: "GONE", message: "the process is gone" } });
    });
    this.#asked.delete(id);
    if (reply.error === undefined) return reply.value as Replies[C["act"]];
    throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
  }

  /** Resolves when the process has said this. */
  async says(what: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const waiting = this.#said.get(what);
      if (this.#remembered.has(what)) resolve();
      else if (waiting === undefined) this.#said.set(what, [resolve]);
      else waiting.push(resolve);
    });
    const gone = this.#exited.then(() => {
      throw new Error(`Cannot wait for child to say ${what}: it is gone`);
    });
    await Promise.race([said, gone]);
  }

  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  async exited(): Promise<void> {
    await this.#exited;
  }

  #hear(what: string): void {
    this.#remembered.add(what);
    for (const resolve of this.#said.get(what)?.splice(0) ?? []) resolve();
  }

  #gone(): void {
    alive.delete(this);
    const error = { code: "GONE", message: "the process is gone" };
    for (const [id, resolve] of this.#asked) resolve({ id, error });
  }
}
