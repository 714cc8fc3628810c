import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { codec, decodeErrorBody, decodeResult, encodeCall, type Value } from "@amphis/protocol";
import { describe, onTestFinished, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import { handshake } from "../../src/transport/index.ts";
import {
  findPython,
  type LaunchedWorker,
  type Launcher,
  openLauncher,
  type WorkerSpec,
} from "../../src/worker/index.ts";

export const python: string = (await findPython()).path;
export const folder: string = fileURLToPath(new URL(".", import.meta.url));
const HELLO = {
  product: "test",
  versions: [1, 1],
  codecs: ["msgpack"],
  limits: { maxFrameBytes: 0x400_0000, maxDepth: 64 },
  capabilities: [],
} as const;

type SpecOptions = Partial<WorkerSpec>;

/** A launcher that ends with its test. */
export async function launcherOf(options: SpecOptions = {}): Promise<Launcher> {
  const launcher = await openLauncher({ python, profile: "process", path: [folder], ...options });
  onTestFinished(() => launcher[Symbol.asyncDispose]());
  return launcher;
}

/** A worker that is ready, and can be asked for functions of `hazard.py`. */
export class Started {
  readonly worker: LaunchedWorker;
  readonly #open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #calls = 0;
  #send: LaunchedWorker["connection"]["send"] | undefined;

  private constructor(worker: LaunchedWorker) {
    this.worker = worker;
  }

  static async launch(launcher: Launcher): Promise<Started> {
    const worker = await launcher.launch();
    const started = new Started(worker);
    worker.stdout.resume();
    const ready = new Promise<void>((resolve) => {
      worker.control.receive((frame) => {
        const body = frame.kind === "event" ? codec("msgpack").decode(frame.body) : undefined;
        if (body instanceof Map && body.get("event") === "ready") resolve();
        else if ((body as { event?: string } | undefined)?.event === "ready") resolve();
      });
    });
    const { connection } = await handshake(worker.connection, HELLO, "initiator");
    connection.receive(({ kind, callId, body }) => {
      const call = started.#open.get(callId);
      if (kind === "result") call?.resolve(decodeResult(body).value);
      else if (kind === "error") call?.reject(decodeErrorBody(body));
    });
    started.#send = (frame) => connection.send(frame);
    await ready;
    return started;
  }

  /** Calls `hazard:name`; rejects never because of the worker's end. */
  ask(name: string, ...args: readonly Value[]): Promise<unknown> {
    const callId = (this.#calls += 1);
    const body = encodeCall({ function: `hazard:${name}`, args, kwargs: {}, options: {} });
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#open.set(callId, { resolve, reject });
    });
    void this.#send?.({ kind: "call", callId, body });
    return answer;
  }
}

/** Children of this process, zombies too. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

export function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

export function descriptorCount(): number {
  return readdirSync("/proc/self/fd").length;
}

/** What the descriptors of this process lead to. */
export function descriptorLinks(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return [];
    }
  });
}

const native = await nativeCore();

/** The same tests for both kinds of launcher. */
export function describeLaunchers(tests: (kind: "warden" | "spawn") => void): void {
  for (const kind of ["warden", "spawn"] as const) {
    if (process.platform !== "linux") {
      test(`workers of ${kind}`, ({ skip }) =>
        skip("they are looked at in /proc, as Linux has it"));
    } else if (kind === "warden" && native.kind === "unavailable") {
      const { reason } = native;
      test(`workers of ${kind}`, ({ skip }) => skip(reason));
    } else {
      describe(`a worker of ${kind}`, () => void tests(kind));
    }
  }
}
