/* An adapter that is written by hand: a child process, and JSON in lines. `adapter.py` is its other half. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { fileURLToPath } from "node:url";

// #region types
export interface Rating {
  readonly text: string;
  readonly stars: number;
  readonly words: number;
}

interface Answer {
  readonly id: number;
  readonly item?: string;
  readonly result?: unknown;
  readonly error?: { readonly type: string; readonly message: string };
}
// #endregion types

interface Waiting {
  readonly item: ((item: string) => void) | undefined;
  readonly settle: (error: Error | undefined, result?: unknown) => void;
}

// #region adapter
export class ReviewsAdapter {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, Waiting>();
  #death: Error | undefined;
  #last = 0;

  constructor(python: string) {
    const script = fileURLToPath(new URL("adapter.py", import.meta.url));
    const modules = fileURLToPath(new URL("../python", import.meta.url));
    this.#child = spawn(python, [script], {
      env: { ...process.env, PYTHONPATH: modules },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdin.on("error", () => undefined); // it is gone, which "exit" tells
    this.#child.on("error", (error) => this.#fail(error));
    this.#child.on("exit", (code, signal) => {
      this.#fail(new Error(`the adapter ended: ${signal ?? code}`));
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#answer(line));
  }

  rate(texts: readonly string[], best = 5): Promise<Rating[]> {
    return this.#call("rate", { texts, best });
  }

  spread(texts: readonly string[]): Promise<number> {
    return this.#call("spread", { texts });
  }

  read(file: Uint8Array, column = "review"): Promise<string[]> {
    return this.#call("read", { file: Buffer.from(file).toString("base64"), column });
  }

  summarize(texts: readonly string[]): AsyncIterable<string> {
    const words = new PassThrough({ objectMode: true });
    this.#call("summarize", { texts }, (word) => words.write(word)).then(
      () => words.end(),
      (error: Error) => words.destroy(error),
    );
    return words;
  }

  crash(): Promise<void> {
    return this.#call("crash", {});
  }

  close(): void {
    this.#child.kill();
  }

  #call<T>(method: string, params: object, item?: Waiting["item"]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) {
        reject(this.#death);
        return;
      }
      const id = (this.#last += 1);
      const settle: Waiting["settle"] = (error, result) =>
        error === undefined ? resolve(result as T) : reject(error);
      this.#waiting.set(id, { item, settle });
      this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  #answer(line: string): void {
    const { id, item, result, error } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    if (item !== undefined) {
      waiting?.item?.(item);
      return;
    }
    this.#waiting.delete(id);
    waiting?.settle(error && new Error(`${error.type}: ${error.message}`), result);
  }

  #fail(error: Error): void {
    this.#death = error;
    for (const { settle } of this.#waiting.values()) settle(error);
    this.#waiting.clear();
  }
}
// #endregion adapter
