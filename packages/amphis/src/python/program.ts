import { type ResultMode, type Step, StepRef, type Work } from "../worker/index.ts";
import { summaryOf } from "./describe.ts";
import { type Expression, partsOf } from "./expression.ts";
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

  constructor(expression: Expression, result: ResultMode = "auto", stream = false) {
    const builder = new StepBuilder();
    builder.finish(expression);
    this.steps = builder.steps;
    this.expressions = builder.expressions;
    this.result = result;
    this.stream = stream;
    this.name = summaryOf(expression);
  }
}

/** Lays an expression out in the order in which Python itself would work it out. */
class StepBuilder {
  readonly steps: Step[] = [];
  readonly expressions: Expression[] = [];
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
      const missing = this.#isLaidOut(at) ? [] : this.#missing(at);
      if (missing.length > 0) open.push(...missing.toReversed());
      else {
        open.pop();
        if (!this.#isLaidOut(at)) this.#add(at);
      }
    }
  }

  #missing(expression: Expression): readonly Expression[] {
    return partsOf(expression).filter((part) => !this.#isLaidOut(part));
  }

  #isLaidOut(expression: Expression): boolean {
    return expression.kind === "live" || this.#operands.has(expression);
  }

  #operand(expression: Expression): unknown {
    return expression.kind === "live" ? expression.object : this.#operands.get(expression);
  }

  /** All of its parts are laid out. */
  #add(expression: Expression): void {
    if (expression.kind === "sequence") {
      this.#operands.set(expression, this.#operand(expression.last));
      return;
    }
    const step = this.#stepOf(expression);
    this.#operands.set(expression, new StepRef(this.steps.length));
    this.#push(expression, step);
  }

  #push(expression: Expression, step: Step): void {
    this.steps.push(step);
    this.expressions.push(expression);
  }

  #stepOf(expression: Exclude<Expression, { readonly kind: "sequence" }>): Step {
    const { kind } = expression;
    const values = this.#values;
    if (kind === "name") return ["name", expression.name];
    if (kind === "value") return ["value", values.of(expression.value)];
    if (kind === "live") return ["value", expression.object];
    const target = this.#operand(expression.target);
    switch (kind) {
      case "get":
      case "delete":
        return [kind, target, expression.name];
      case "set":
        return [kind, target, expression.name, values.of(expression.value)];
      case "call": {
        const { args, kwargs } = expression;
        return [kind, target, values.list(args), values.record(kwargs ?? {})];
      }
      case "item":
      case "deleteItem":
        return [kind, target, values.of(expression.key)];
      case "setItem":
        return [kind, target, values.of(expression.key), values.of(expression.value)];
    }
  }
}
