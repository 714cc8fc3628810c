/** Why functions are generated at all: straight-line code with fixed property names is several times faster than walking a schema. */

const FunctionConstructor = Function;

let allowed: boolean | undefined;

/** Whether this program may generate code; a content security policy can forbid it. Everything works without, only slower. */
export function canGenerate(): boolean {
  if (allowed === undefined) {
    try {
      allowed = FunctionConstructor("return true")() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/**
 * Source of one function in the making.
 *
 * Nothing of a schema becomes code: names enter by `literal`, everything else as a parameter by `bind`.
 */
export class Source {
  readonly #lines: string[] = [];
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];
  readonly #bound = new Map<unknown, string>();
  #counter = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A new variable name. */
  fresh(prefix: string): string {
    this.#counter += 1;
    return `${prefix}${this.#counter}`;
  }

  /** The name under which the code finds a value. */
  bind(value: unknown): string {
    const known = this.#bound.get(value);
    if (known !== undefined) return known;
    const name = this.fresh("$");
    this.#bound.set(value, name);
    this.#names.push(name);
    this.#values.push(value);
    return name;
  }

  /** A string as source text. */
  literal(text: string): string {
    return JSON.stringify(text);
  }

  /** Runs the source, which must return what is made. */
  build(): unknown {
    const make = FunctionConstructor(
      ...this.#names,
      `"use strict";\n${this.#lines.join("\n")}`,
    ) as (...values: readonly unknown[]) => unknown;
    return make(...this.#values);
  }
}
