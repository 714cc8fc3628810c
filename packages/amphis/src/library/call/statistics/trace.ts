import { isAmphisError } from "@amphis/protocol";

import { libraryCall, type LogLevel } from "../../../telemetry/index.ts";
import type { TraceOptions } from "../../options.ts";
import { matcherOf } from "../pattern.ts";
import { Redaction } from "./redaction.ts";

/** Where the answer of a call came from. */
export type AnswerSource = "python" | "cache" | "shared" | "batch";

/** A call that is told. */
export interface TracedCall {
  readonly library: string;
  readonly function: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  readonly durationMs: number;
  readonly source: AnswerSource;
}

const REDACTED = ["*password*", "*secret*", "*token*", "*key*"];

/** Tells the calls of one library, as far as that is wanted. */
export class Trace {
  readonly #level: LogLevel;
  readonly #isMeant: (name: string) => boolean;
  readonly #hasArguments: boolean;
  readonly #hasResults: boolean;
  readonly #redaction: Redaction;

  constructor(options: TraceOptions) {
    const { level = "debug", functions = ["*"], redact = REDACTED } = options;
    this.#level = level;
    this.#isMeant = matcherOf(functions);
    this.#hasArguments = options.arguments ?? true;
    this.#hasResults = options.results ?? true;
    this.#redaction = new Redaction(redact);
  }

  isHeard(name: string): boolean {
    return libraryCall.hasSubscribers && this.#isMeant(name);
  }

  resolved(call: TracedCall, result: unknown): void {
    const shown = this.#hasResults ? this.#redaction.of(result) : undefined;
    libraryCall.publish({ ...this.#event(call), result: shown });
  }

  rejected(call: TracedCall, error: unknown): void {
    const code = isAmphisError(error) ? error.code : "UNKNOWN";
    libraryCall.publish({ ...this.#event(call), code });
  }

  #event({ args, kwargs = {}, ...call }: TracedCall) {
    const shown = this.#hasArguments
      ? {
          arguments: args.map((arg) => this.#redaction.of(arg)),
          keywords: this.#redaction.of(kwargs),
        }
      : {};
    return { ...call, level: this.#level, ...shown };
  }
}
