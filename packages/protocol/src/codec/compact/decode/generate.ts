import { setProperty } from "../../record.ts";
import { minimumBytes } from "../size.ts";
import { type Definition, type Layout, layoutOf, type Property } from "../layout.ts";
import type { Reader } from "../reader.ts";
import { Source } from "../source.ts";
import { type LayoutReader, trailingOptional } from "./layout.ts";
import { readBoolean, readBytes, readF64, readName, readRaw } from "./scalar.ts";
import { enter, floatOf } from "./value.ts";

export type Read = (from: Reader, left: number) => unknown;

/** Compiles a layout to straight-line code; the counterpart of `generateWriter`. */
export function generateReader(layout: Layout, reader: LayoutReader, evolve: boolean): Read {
  return new ReaderSource(reader).build(layout, evolve);
}

class ReaderSource {
  readonly #source = new Source();
  readonly #reader: LayoutReader;
  readonly #functions = new Map<Definition, string>();
  readonly #pending: Definition[] = [];

  constructor(reader: LayoutReader) {
    this.#reader = reader;
  }

  build(layout: Layout, evolve: boolean): Read {
    if (evolve && layout.kind === "struct") {
      this.#function("root", () =>
        this.#struct(layout.properties, "value", 0, trailingOptional(layout.properties)),
      );
    } else this.#function("root", () => this.#emit(layout, "value", 0));
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      const inner = layoutOf(next);
      this.#function(this.#functions.get(next) ?? "", () => this.#emit(inner, "value", 0));
    }
    this.#source.line("return root;");
    return this.#source.build() as Read;
  }

  #function(name: string, body: () => void): void {
    this.#source.line(`function ${name}(from, left) {`);
    this.#source.line("let value;");
    body();
    this.#source.line("return value;");
    this.#source.line("}");
  }

  get #tools(): { bind(value: unknown): string; line(text: string): void } {
    return { bind: (value) => this.#source.bind(value), line: (text) => this.#source.line(text) };
  }

  /** Assigns the value to a variable that is declared. */
  #emit(layout: Layout, target: string, depth: number): void {
    const { bind, line } = this.#tools;
    const { integers } = this.#reader;
    const left = depth === 0 ? "left" : `left - ${depth}`;
    switch (layout.kind) {
      case "integer":
        return line(`${target} = ${bind(integers.types[layout.type])}(from);`);
      case "string":
        return line(`${target} = ${bind(this.#reader.text)}(from, ${bind(integers)});`);
      case "boolean":
        return line(`${target} = ${bind(readBoolean)}(from);`);
      case "float":
        if (layout.bits === 32) return this.#walk(layout, target, left);
        return line(`${target} = ${bind(floatOf)}(${bind(readF64)}(from), from);`);
      case "bytes":
        if (layout.length !== undefined) {
          return line(`${target} = ${bind(readRaw)}(from, ${layout.length});`);
        }
        return line(`${target} = ${bind(readBytes)}(from, ${bind(integers)});`);
      case "scalar":
        if (layout.type === "attachment") return this.#walk(layout, target, left);
        return line(`${target} = ${bind(this.#reader.scalars[layout.type])}(from);`);
      case "value":
        return line(`${target} = ${bind(this.#reader.values)}.read(from, ${left});`);
      case "option":
        line(`if (${bind(readBoolean)}(from)) {`);
        this.#emit(layout.inner, target, depth);
        return line(`} else ${target} = null;`);
      case "variant":
        return this.#variant(layout.members, target, depth);
      case "reference":
        return line(`${target} = ${this.#named(layout.definition)}(from, ${left});`);
      case "list":
        return this.#list(layout.items, target, depth);
      case "tuple":
        return this.#tuple(layout.members, target, depth);
      case "struct":
        return this.#struct(layout.properties, target, depth, 0);
      case "record":
        return this.#record(layout.values, target, depth);
      case "choice":
        if (layout.values.some((constant) => typeof constant === "object" && constant !== null)) {
          return this.#walk(layout, target, left);
        }
        return line(
          `${target} = ${bind(layout.values)}[${bind(this.#reader)}.index(from, ${layout.values.length})];`,
        );
      default:
        return this.#walk(layout, target, left);
    }
  }

  #walk(layout: Layout, target: string, left: string): void {
    const { bind, line } = this.#tools;
    line(`${target} = ${bind(this.#reader)}.read(${bind(layout)}, from, ${left});`);
  }

  #named(definition: Definition): string {
    const known = this.#functions.get(definition);
    if (known !== undefined) return known;
    const name = this.#source.fresh("define");
    this.#functions.set(definition, name);
    this.#pending.push(definition);
    return name;
  }

  #variant(members: readonly Layout[], target: string, depth: number): void {
    const { bind, line } = this.#tools;
    line(`switch (${bind(this.#reader)}.index(from, ${members.length})) {`);
    for (const [index, member] of members.entries()) {
      line(`case ${index}: {`);
      this.#emit(member, target, depth);
      line("break;");
      line("}");
    }
    line("}");
  }

  #enter(depth: number): void {
    this.#source.line(`if (left === ${depth}) ${this.#source.bind(enter)}(from, 0);`);
  }

  #list(items: Layout, target: string, depth: number): void {
    const { bind, line } = this.#tools;
    const [count, item] = [this.#source.fresh("n"), this.#source.fresh("v")];
    this.#enter(depth);
    line(`let ${count} = ${bind(this.#reader.integers.count)}(from, ${minimumBytes(items)});`);
    line(`${target} = [];`);
    line(`for (; ${count} > 0; ${count} -= 1) {`);
    line(`let ${item};`);
    this.#emit(items, item, depth + 1);
    line(`${target}.push(${item});`);
    line("}");
  }

  #record(values: Layout, target: string, depth: number): void {
    const { bind, line } = this.#tools;
    const [count, key, item] = [
      this.#source.fresh("n"),
      this.#source.fresh("k"),
      this.#source.fresh("v"),
    ];
    this.#enter(depth);
    line(`let ${count} = ${bind(this.#reader.integers.count)}(from, ${1 + minimumBytes(values)});`);
    line(`${target} = from.settings.maps === "map" ? new Map() : {};`);
    line(`for (; ${count} > 0; ${count} -= 1) {`);
    line(`const ${key} = ${bind(readName)}(from, ${bind(this.#reader.integers)});`);
    line(`let ${item};`);
    this.#emit(values, item, depth + 1);
    line(`if (from.settings.maps === "map") ${target}.set(${key}, ${item});`);
    line(`else if (${key} === "__proto__") ${bind(setProperty)}(${target}, ${key}, ${item});`);
    line(`else ${target}[${key}] = ${item};`);
    line("}");
  }

  #tuple(members: readonly Layout[], target: string, depth: number): void {
    this.#enter(depth);
    const items = members.map((member) => this.#variable(member, depth + 1));
    this.#source.line(`${target} = [${items.join(", ")}];`);
  }

  #variable(layout: Layout, depth: number): string {
    const name = this.#source.fresh("v");
    this.#source.line(`let ${name};`);
    this.#emit(layout, name, depth);
    return name;
  }

  /** The last `trailing` properties are optional and may be missing altogether, because the writer may be older. */
  #struct(properties: readonly Property[], target: string, depth: number, trailing: number): void {
    const { line } = this.#tools;
    this.#enter(depth);
    const items = properties.map((property, index) =>
      this.#property(property, depth + 1, index >= properties.length - trailing),
    );
    const firstOptional = properties.findIndex(({ optional }) => optional);
    const certain = firstOptional === -1 ? properties.length : firstOptional;
    // A literal gives the object its shape at once; what comes after an optional property is set in order.
    const fields = properties
      .slice(0, certain)
      .map(({ name }, index) => `${this.#key(name)}: ${items[index]}`);
    line(`${target} = { ${fields.join(", ")} };`);
    for (const [index, { name, optional }] of properties.entries()) {
      if (index >= certain) this.#assign(target, name, items[index] ?? "", optional);
    }
  }

  /** In a literal only a computed `__proto__` is a property; any other name is faster when it is not computed. */
  #key(name: string): string {
    const key = this.#source.literal(name);
    return name === "__proto__" ? `[${key}]` : key;
  }

  #assign(target: string, name: string, item: string, optional: boolean): void {
    const key = this.#source.literal(name);
    const set =
      name === "__proto__"
        ? `${target} = { ...${target}, [${key}]: ${item} };`
        : `${target}[${key}] = ${item};`;
    this.#source.line(optional ? `if (${item} !== undefined) ${set}` : set);
  }

  #property({ layout, optional }: Property, depth: number, mayEnd: boolean): string {
    const { bind, line } = this.#tools;
    if (!optional) return this.#variable(layout, depth);
    const name = this.#source.fresh("v");
    line(`let ${name};`);
    line(`if (${mayEnd ? "from.at < from.end && " : ""}${bind(readBoolean)}(from)) {`);
    this.#emit(layout, name, depth);
    line("}");
    return name;
  }
}
