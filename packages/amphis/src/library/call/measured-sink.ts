import type { CallFigures, WorkSink } from "../../worker/index.ts";
import type { FunctionPlan } from "./function-plan.ts";
import { named } from "./hooks/index.ts";

/** Counts a call to which its library adds nothing else. */
export class MeasuredSink implements WorkSink {
  readonly #plan: FunctionPlan;
  readonly #sink: WorkSink;
  readonly #since: number = performance.now();

  constructor(plan: FunctionPlan, sink: WorkSink) {
    this.#plan = plan;
    this.#sink = sink;
  }

  resolve(value: unknown, figures?: CallFigures): void {
    const { statistics } = this.#plan;
    statistics.done(performance.now() - this.#since, false);
    if (figures !== undefined) statistics.measured(figures);
    this.#sink.resolve(value);
  }

  reject(error: unknown): void {
    const { statistics, member, library } = this.#plan;
    statistics.done(performance.now() - this.#since, true);
    this.#sink.reject(named(error, member, (pid) => library.unusable(pid)));
  }
}
