/*
 * Operations of machine learning that code in workers tells of, as events of this program.
 */

import {
  operationError,
  type OperationFigures,
  type OperationIdentity,
  operationProgress,
  operationStart,
  operationStop,
} from "../telemetry/index.ts";
import type { WorkerEvent } from "../worker/index.ts";

/** So many are remembered that have begun and not ended, to tell of their end when their worker dies. */
const MOST_OPEN = 1_024;

/** Whether anybody hears of operations. */
export function areOperationsHeard(): boolean {
  return (
    operationStop.hasSubscribers ||
    operationStart.hasSubscribers ||
    operationProgress.hasSubscribers ||
    operationError.hasSubscribers
  );
}

interface Open {
  readonly identity: OperationIdentity;
  readonly since: number;
}

/** What one worker tells of. What it says may be anything; what is not as it should be is left out. */
export class WorkerOperations {
  readonly #pool: string;
  readonly #worker: number;
  readonly #open = new Map<number, Open>();

  constructor(pool: string, worker: number) {
    this.#pool = pool;
    this.#worker = worker;
  }

  /** @returns whether anybody heard of it; false also where it is nothing of this kind */
  tell(event: WorkerEvent): boolean {
    if (!areOperationsHeard()) return false;
    const identity = this.#identityOf(event);
    if (identity === undefined) return true;
    const { operation } = identity;
    switch (event["phase"]) {
      case "start":
        if (this.#open.size < MOST_OPEN) {
          this.#open.set(operation, { identity, since: performance.now() });
        }
        if (operationStart.hasSubscribers) operationStart.publish(identity);
        break;
      case "progress":
        if (operationProgress.hasSubscribers) {
          operationProgress.publish({ ...identity, ...figuresOf(event) });
        }
        break;
      case "stop":
        this.#open.delete(operation);
        if (operationStop.hasSubscribers) {
          operationStop.publish({ ...identity, ...figuresOf(event) });
        }
        break;
      case "error":
        this.#open.delete(operation);
        this.#fail(identity, figuresOf(event), textOf(event["code"]), textOf(event["error"]));
        break;
    }
    return true;
  }

  /** The worker has ended, and with it all that it had begun. */
  end(error: string): void {
    for (const { identity, since } of this.#open.values()) {
      this.#fail(identity, { durationMs: performance.now() - since }, "WORKER_CRASHED", error);
    }
    this.#open.clear();
  }

  #fail(
    identity: OperationIdentity,
    figures: OperationFigures,
    code: string | undefined,
    error: string | undefined,
  ): void {
    if (!operationError.hasSubscribers) return;
    operationError.publish({ ...identity, ...figures, code: code ?? "PYTHON_ERROR", error });
  }

  #identityOf(event: WorkerEvent): OperationIdentity | undefined {
    const operation = countOf(event["operation"]);
    const name = textOf(event["name"]);
    if (operation === undefined || name === undefined) return undefined;
    return {
      operation,
      name,
      pool: this.#pool,
      worker: this.#worker,
      model: textOf(event["model"]),
      library: textOf(event["library"]),
      device: textOf(event["device"]),
      traceparent: textOf(event["traceparent"]),
    };
  }
}

function figuresOf(event: WorkerEvent): OperationFigures {
  return {
    durationMs: numberOf(event["durationMs"]) ?? 0,
    step: numberOf(event["step"]),
    batch: numberOf(event["batch"]),
    inputTokens: numberOf(event["inputTokens"]),
    outputTokens: numberOf(event["outputTokens"]),
    memoryBytes: numberOf(event["memoryBytes"]),
    figures: numbersOf(event["figures"]),
  };
}

function numbersOf(value: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((each): each is [string, number] => typeof each[1] === "number"),
  );
}

function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
