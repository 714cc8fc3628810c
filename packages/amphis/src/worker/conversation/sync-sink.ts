import { AmphisError } from "@amphis/protocol";

import type { Work, WorkSink } from "./work.ts";

/** Keeps the answer of a call that blocks. */
export class SyncSink implements WorkSink {
  #isSettled = false;
  #value: unknown;
  #failure: { readonly error: unknown } | undefined;

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  get value(): unknown {
    return this.#value;
  }

  resolve(value: unknown): void {
    this.#isSettled = true;
    this.#value = value;
  }

  reject(error: unknown): void {
    this.#isSettled = true;
    this.#failure = { error };
  }
}

export function callTimeout({ name }: Work, timeoutMs: number): AmphisError<"CALL_TIMEOUT"> {
  const message = `Cannot finish ${name}: it was not done within ${timeoutMs} ms`;
  const context = { call: name, timeoutMs, pythonStack: "" };
  return new AmphisError("CALL_TIMEOUT", message, context);
}
