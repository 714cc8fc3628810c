import type { WorkSink } from "../../worker/index.ts";
import type { CallTarget } from "./call-target.ts";
import { Passage, type PassageInit } from "./passage.ts";

/** Keeps what a passage ends with. */
class Outcome implements WorkSink {
  #value: unknown;
  #failure: { readonly error: unknown } | undefined;

  resolve(value: unknown): void {
    this.#value = value;
  }

  reject(error: unknown): void {
    this.#failure = { error };
  }

  take(): unknown {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#value;
  }
}

/**
 * The way of a call that blocks: the same as of others, but that nothing on it may wait.
 *
 * @throws what the call fails with; {AmphisError} SYNC_IMPOSSIBLE where it would have to wait for a hook or its turn
 */
export function passBlocking(init: Omit<PassageInit, "isBlocking">, target: CallTarget): unknown {
  const blocking: CallTarget = {
    submit: (work, options, sink) => answer(sink, () => target.submitSync(work, options)),
    submitSync: (work, options) => target.submitSync(work, options),
    stream: (work, options) => target.stream(work, options),
  };
  const outcome = new Outcome();
  new Passage({ ...init, isBlocking: true }, blocking, outcome).begin();
  return outcome.take();
}

function answer(sink: WorkSink, act: () => unknown): void {
  let value: unknown;
  try {
    value = act();
  } catch (error) {
    sink.reject(error);
    return;
  }
  sink.resolve(value);
}
