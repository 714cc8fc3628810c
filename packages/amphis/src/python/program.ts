import { traceparentForCall } from "../telemetry/index.ts";
import { type ResultMode, type Step, StepRef, type Work } from "../worker/index.ts";
import { summaryOf } from "./describe.ts";
import { type Expression, hasParts, partsOf } from "./expression.ts";
import { meet, type Origin } from "./origin.ts";
import { Substitution } from "./substitution.ts";

/** An expression as the steps that a worker does; see spec/worker.md. */
export class Program implements Work {
  readonly kind = "program";
  readonly steps: readonly Step[];
  readonly result: ResultMode;
  readonly stream: boolean;
  /** What each step does, in the same order. */
  readonly expressions: readonly Expression[];
  /** For messages: `pandas.read_csv().groupby()`. */
  readonly name: string;
  /** Of the code that makes the call. */
  readonly traceparent: string | undefined;
  /** Where it can be worked out; absent where nothing in it belongs to a Python. */
  readonly origin: Origin | undefined;

  /** @throws {AmphisError} HANDLE_ELSEWHERE when parts of it cannot meet */
  constructor(expression: Expression, result: ResultMode = "auto", stream = false) {
    const builder = new StepBuilder();
    builder.finish(expression);
    this.steps = builder.steps;
    this.expressions = builder.expressions;
    this.result = result;
    this.stream = stream;
    this.name = summaryOf(expression);
    this.traceparent = traceparentForCall();
    this.origin = builder.origin;
  }
}

type Values = Pick<Substitution, "of" | "list" | "record">;

/** For values that contain no expressions. */
const AS_THEY_ARE: Values = {
  of: (value) => value,
  list: (values) => values,
  record: (values) => values,
};

const NONE: Readonly<Record<string, unknown>> = {};

/** Lays an expression out in the order in which Python itself would work it out. */
class StepBuilder {
  readonly steps: Step[] = [];
  readonly expressions: Expression[] = [];
  origin: Origin | undefined;
  /** What stands in later steps for what is laid out. */
  readonly #operands = new Map<Expression, unknown>();
  readonly #values = new Substitution((expression) => this.#operand(expression));

  /** The answer of a program is that of its last step, so the expression must be that. */
  finish(expression: Expression): void {
    this.#layOut(expression);
    const operand = this.#operand(expression);
    const isLast = operand instanceof StepRef && operand.index === this.steps.length - 1;
    if (!isLast) this.#push(expression, ["value", operand]);
  }

  /** Chains are long, and sums deep, so it takes no stack. */
  #layOut(whole: Expression): void {
    const open = [whole];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      if (this.#isLaidOut(at)) open.pop();
      else if ("target" in at && !this.#isLaidOut(at.target)) open.push(at.target);
      else {
        const missing = this.#missing(at);
        if (missing !== undefined && missing.length > 0) open.push(...missing.toReversed());
        else this.#add(at, missing !== undefined);
      }
    }
  }

  /** Parts beside the target that are yet to be laid out; undefined where it has none at all, as most have. */
  #missing(expression: Expression): readonly Expression[] | undefined {
    if (!hasParts(expression)) return undefined;
    return partsOf(expression).filter((part) => !this.#isLaidOut(part));
  }

  #isLaidOut(expression: Expression): boolean {
    return expression.kind === "live" || this.#operands.has(expression);
  }

  #operand(expression: Expression): unknown {
    if (expression.kind !== "live") return this.#operands.get(expression);
    this.origin = meet(this.origin, expression.origin);
    return expression.object;
  }

  /** All of its parts are laid out. */
  #add(expression: Expression, hasOthers: boolean): void {
    if (expression.kind === "sequence") {
      this.#operands.set(expression, this.#operand(expression.last));
      return;
    }
    const step = hasOthers ? this.#stepOf(expression, this.#values) : this.#stepOf(expression);
    this.#operands.set(expression, new StepRef(this.steps.length));
    this.#push(expression, step);
  }

  #push(expression: Expression, step: Step): void {
    this.steps.push(step);
    this.expressions.push(expression);
  }

  #stepOf(
    expression: Exclude<Expression, { readonly kind: "sequence" }>,
    values: Values = AS_THEY_ARE,
  ): Step {
    const { kind } = expression;
    if (kind === "name") {
      this.origin = meet(this.origin, expression.origin);
      return [kind, expression.name];
    }
    if (kind === "value") return ["value", values.of(expression.value)];
    if (kind === "live") return ["value", this.#operand(expression)];
    const target = this.#operand(expression.target);
    switch (kind) {
      case "get":
      case "delete":
        return [kind, target, expression.name];
      case "set":
        return [kind, target, expression.name, values.of(expression.value)];
      case "call": {
        const { args, kwargs } = expression;
        return [
          kind,
          target,
          values.list(args),
          kwargs === undefined ? NONE : values.record(kwargs),
        ];
      }
      case "item":
      case "deleteItem":
        return [kind, target, values.of(expression.key)];
      case "setItem":
        return [kind, target, values.of(expression.key), values.of(expression.value)];
    }
  }
}
