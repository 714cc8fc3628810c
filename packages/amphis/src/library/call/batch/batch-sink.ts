import { AmphisError, type Value } from "@amphis/protocol";

import { Tensor } from "../../../memory/index.ts";
import { remoteError, type WorkSink } from "../../../worker/index.ts";
import type { Batched } from "./batcher.ts";

/** What a batch is told of. */
interface BatchSinkInit {
  readonly library: string;
  readonly member: string;
  readonly calls: readonly Batched[];
  /** Whether there is one answer for all, or each says whether it is an error. */
  readonly isOwn: boolean;
  readonly leave: (() => void) | undefined;
}

/** Gives the answers of a batch to its calls, each its own. */
export class BatchSink implements WorkSink {
  readonly #init: BatchSinkInit;

  constructor(init: BatchSinkInit) {
    this.#init = init;
  }

  resolve(value: unknown): void {
    const { calls, leave, isOwn } = this.#init;
    leave?.();
    const results = listOf(value);
    if (results === undefined || results.length !== calls.length) {
      const got = results === undefined ? "no list" : `${results.length} results`;
      this.#fail(this.#invalid(got));
      return;
    }
    for (const [index, call] of calls.entries()) {
      if (isOwn) call.resolve(results[index]);
      else settle(call, results[index]);
    }
  }

  reject(error: unknown): void {
    this.#init.leave?.();
    this.#fail(error);
  }

  #fail(error: unknown): void {
    for (const call of this.#init.calls) call.reject(error);
  }

  #invalid(got: string): AmphisError<"BATCH_RESULT_INVALID"> {
    const { library, member, calls } = this.#init;
    return new AmphisError(
      "BATCH_RESULT_INVALID",
      `Cannot tell results of ${member} of ${library} apart: ${calls.length} calls gave ${got}`,
      { library, function: member, calls: calls.length, reason: got },
    );
  }
}

/** Of `amphis._internal.worker.batches`: whether it went well, and what came of it. */
function settle(call: Batched, answer: unknown): void {
  const [isRight, outcome] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  if (isRight === true) {
    call.resolve(outcome);
    return;
  }
  let error: unknown;
  try {
    error = remoteError(outcome as Value);
  } catch (invalid) {
    error = invalid;
  }
  call.reject(error);
}

/** Functions over arrays give arrays. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (value instanceof Tensor && value.shape.length > 0) {
    return value.toNested() as readonly unknown[];
  }
  return undefined;
}
