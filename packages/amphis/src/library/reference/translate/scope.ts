import { findMember, type FoundMember, type LibraryModel } from "../../model/index.ts";
import type { Example } from "../example.ts";
import { Variables } from "./names.ts";
import { refuse } from "./syntax.ts";

/** What an expression comes to. */
export interface Written {
  readonly code: string;
  /** Whether it stands for something in Python, rather than being a value that is sent there. */
  readonly isPython: boolean;
  /** Where it is described; nothing for what only exists once it runs. */
  readonly path?: string | undefined;
}

/** Functions of Python itself that mean the same wherever they are called. */
const BUILTINS: ReadonlySet<string> = new Set(
  "abs bool complex dict divmod float frozenset hash hex int len list max min oct ord pow repr round set sorted str sum tuple".split(
    " ",
  ),
);

/** What names mean at one point of an example, and the lines that say so. */
export class Scope {
  /** Lines that import modules, and those that do something, in their order. */
  readonly lines: string[] = [];
  readonly #example: Example;
  readonly #models: ReadonlyMap<string, LibraryModel>;
  readonly #variables = new Variables();
  readonly #bound = new Map<string, Written>();
  /** Variables that hold modules, by path. */
  readonly #modules = new Map<string, string>();
  readonly #used = new Set<string>();

  constructor(example: Example, models: ReadonlyMap<string, LibraryModel>) {
    this.#example = example;
    this.#models = models;
  }

  /** Names that the program imports from `amphis`. */
  get imports(): readonly string[] {
    return [...this.#used];
  }

  /** Notes that something of `amphis` is used. */
  use(name: string): string {
    this.#used.add(name);
    return name;
  }

  /** What a name stands for: what the example gave it, what its module has, or what Python has. */
  get(name: string): Written {
    const bound = this.#bound.get(name);
    if (bound !== undefined) return bound;
    if (this.#example.names.includes(name)) return this.member(this.#example.module, name);
    if (!BUILTINS.has(name)) refuse();
    return { code: `${this.module("builtins")}.${name}`, isPython: true };
  }

  isBound(name: string): boolean {
    return this.#bound.has(name) || this.#example.names.includes(name);
  }

  bind(name: string, written: Written): void {
    this.#bound.set(name, written);
  }

  /** A new variable for a name of Python. */
  declare(name: string): string {
    return this.#variables.of(name);
  }

  /** The variable that holds a module. */
  module(path: string, name: string = path.split(".").at(-1) ?? path): string {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    if (path !== "builtins" && this.found(path)?.kind !== "module") refuse();
    const variable = this.declare(name);
    this.#modules.set(path, variable);
    this.lines.push(`const ${variable} = await py.import(${JSON.stringify(path)});`);
    return variable;
  }

  /** A name in a module; what is a module itself gets a variable. */
  member(module: string, name: string, as: string = name): Written {
    const path = `${module}.${name}`;
    const found = this.found(path) ?? refuse();
    return found.kind === "module"
      ? { code: this.module(found.path, as), isPython: true, path: found.path }
      : { code: `${this.module(module)}.${name}`, isPython: true, path };
  }

  found(path: string): FoundMember | undefined {
    const model = this.#models.get(path.split(".", 1)[0] ?? "");
    return model && findMember(model, path);
  }
}
