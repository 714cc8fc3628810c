import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { encodeFrame, type Frame, FrameDecoder, type FrameInit } from "../../src/index.ts";

/** The interpreter that the test command found; undefined where there is none. */
export const python: string | undefined = process.env["AMPHIS_PYTHON"];

const SOURCES = fileURLToPath(new URL("../../../../python/src", import.meta.url));

/** A Python process that answers every frame with one of its own, in order. */
export class PythonPeer implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #decoder = new FrameDecoder();
  readonly #waiting: {
    readonly resolve: (frame: Frame) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor(script: URL, interpreter: string) {
    this.#process = spawn(interpreter, [fileURLToPath(script)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, PYTHONPATH: SOURCES },
    });
    this.#process.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#process.on("exit", (code) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(
          new Error(`Cannot wait for an answer: the peer ended with exit code ${String(code)}`),
        );
      }
    });
  }

  /** Sends a frame and waits for its answer. */
  async ask(frame: FrameInit): Promise<Frame> {
    const answer = new Promise<Frame>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#process.stdin.write(encodeFrame(frame));
    return answer;
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#decoder.feed(chunk)) this.#waiting.shift()?.resolve(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    await ended;
  }
}
