import { Tuple } from "@amphis/protocol";

import { DEEPEST, type Expression, expressionOf, isPlain, someExpression } from "./expression.ts";

/**
 * Puts something else in place of the expressions in values.
 *
 * What contains none is handed on as it is; what does is copied, with its order and its loops.
 */
export class Substitution {
  readonly #substitute: (expression: Expression) => unknown;
  readonly #copies = new Map<object, unknown>();

  constructor(substitute: (expression: Expression) => unknown) {
    this.#substitute = substitute;
  }

  of(value: unknown): unknown {
    return this.#of(value, 0);
  }

  #of(value: unknown, depth: number): unknown {
    if (typeof value === "function") {
      const expression = expressionOf(value);
      return expression === undefined ? value : this.#substitute(expression);
    }
    if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
    return someExpression(value)
      ? (this.#copies.get(value) ?? this.#copy(value, depth + 1))
      : value;
  }

  list(values: readonly unknown[]): readonly unknown[] {
    return values.map((value) => this.of(value));
  }

  record(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, this.of(value)]),
    );
  }

  /** A copy is known before it is filled, as it may contain itself. */
  #copy(value: object, depth: number): unknown {
    if (Array.isArray(value)) {
      const copy = this.#known(value, value instanceof Tuple ? new Tuple() : []);
      for (const each of value as readonly unknown[]) copy.push(this.#of(each, depth));
      return copy;
    }
    if (value instanceof Set) {
      const copy = this.#known(value, new Set());
      for (const each of value) copy.add(this.#of(each, depth));
      return copy;
    }
    if (value instanceof Map) {
      const copy = this.#known(value, new Map());
      for (const [key, each] of value) copy.set(this.#of(key, depth), this.#of(each, depth));
      return copy;
    }
    if (!isPlain(value)) return value;
    const copy = this.#known<Record<string, unknown>>(value, {});
    for (const [name, each] of Object.entries(value)) {
      // Defined, as one called __proto__ would else be something different.
      Object.defineProperty(copy, name, { value: this.#of(each, depth), enumerable: true });
    }
    return copy;
  }

  #known<T extends object>(original: object, copy: T): T {
    this.#copies.set(original, copy);
    return copy;
  }
}
