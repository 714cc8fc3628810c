import type { ByteWriter } from "../../bytes/index.ts";
import { fits, recordOf } from "../fits.ts";
import { type Definition, type Layout, layoutOf, type Property } from "../layout.ts";
import { tooDeep, unsupported } from "../refuse.ts";
import { Source } from "../source.ts";
import { writeBytes, writeF64 } from "./bytes.ts";
import {
  type LayoutWriter,
  listOf,
  numberOf,
  refuseUndeclared,
  writeBoolean,
  writeFixedBytes,
} from "./layout.ts";

export type Write = (out: ByteWriter, value: unknown, left: number) => void;

type Of<K extends Layout["kind"]> = Extract<Layout, { readonly kind: K }>;

/** Compiles a layout to straight-line code that calls the same primitives as the `LayoutWriter`, and that itself for rare kinds. */
export function generateWriter(layout: Layout, writer: LayoutWriter): Write {
  return new WriterSource(writer).build(layout);
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  const record = recordOf(value);
  if (record === undefined) throw unsupported("a map", value);
  return record;
}

/** Names of the properties that are not undefined. */
function presentNames(record: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(record);
  for (const name of names) {
    if (record[name] === undefined) return names.filter((each) => record[each] !== undefined);
  }
  return names;
}

/** The condition that a value is an ordinary object. */
function plain(value: string): string {
  return `typeof ${value} === "object" && ${value} !== null && Object.getPrototypeOf(${value}) === Object.prototype`;
}

class WriterSource {
  readonly #source = new Source();
  readonly #writer: LayoutWriter;
  readonly #functions = new Map<Definition, string>();
  readonly #pending: Definition[] = [];

  constructor(writer: LayoutWriter) {
    this.#writer = writer;
  }

  build(layout: Layout): Write {
    this.#function("root", layout);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#function(this.#functions.get(next) ?? "", layoutOf(next));
    }
    this.#source.line("return root;");
    return this.#source.build() as Write;
  }

  #function(name: string, layout: Layout): void {
    this.#source.line(`function ${name}(out, value, left) {`);
    this.#emit(layout, "value", 0);
    this.#source.line("}");
  }

  /** `depth` is how many levels inside the function the value is. */
  #emit(layout: Layout, value: string, depth: number): void {
    const { bind, line } = this.#tools;
    const left = depth === 0 ? "left" : `left - ${depth}`;
    switch (layout.kind) {
      case "integer":
        return line(`${bind(this.#writer.integers.types[layout.type])}(out, ${value});`);
      case "string":
        line(`if (typeof ${value} !== "string") throw ${bind(unsupported)}("a string", ${value});`);
        return line(`${bind(this.#writer.text)}(out, ${value});`);
      case "boolean":
        return line(`${bind(writeBoolean)}(out, ${value});`);
      case "float":
        if (layout.bits === 32) return this.#walk(layout, value, left);
        return line(
          `${bind(writeF64)}(out, typeof ${value} === "number" ? ${value} : ${bind(numberOf)}(${value}));`,
        );
      case "bytes":
        if (layout.length !== undefined) {
          return line(`${bind(writeFixedBytes)}(out, ${value}, ${layout.length});`);
        }
        return line(`${bind(writeBytes)}(out, ${bind(this.#writer.integers)}, ${value});`);
      case "scalar":
        if (layout.type === "attachment") return this.#walk(layout, value, left);
        return line(`${bind(this.#writer.scalars[layout.type])}(out, ${value});`);
      case "value":
        return line(`${bind(this.#writer.values)}.write(out, ${value}, ${left});`);
      case "choice":
        return this.#choice(layout, value, left);
      case "option":
        return this.#option(
          layout.inner,
          `${value} === null || ${value} === undefined`,
          value,
          depth,
        );
      case "variant":
        return this.#variant(layout, value, depth);
      case "reference":
        return line(`${this.#named(layout.definition)}(out, ${value}, ${left});`);
      case "list":
        return this.#list(layout.items, value, depth);
      case "tuple":
        return this.#tuple(layout.members, value, depth);
      case "struct":
        return this.#struct(layout.properties, value, depth);
      case "record":
        return this.#record(layout, value, depth);
      default:
        return this.#walk(layout, value, left);
    }
  }

  get #tools(): { bind(value: unknown): string; line(text: string): void } {
    return { bind: (value) => this.#source.bind(value), line: (text) => this.#source.line(text) };
  }

  #walk(layout: Layout, value: string, left: string): void {
    const { bind, line } = this.#tools;
    line(`${bind(this.#writer)}.write(${bind(layout)}, out, ${value}, ${left});`);
  }

  #named(definition: Definition): string {
    const known = this.#functions.get(definition);
    if (known !== undefined) return known;
    const name = this.#source.fresh("define");
    this.#functions.set(definition, name);
    this.#pending.push(definition);
    return name;
  }

  #choice(layout: Of<"choice">, value: string, left: string): void {
    const { bind, line } = this.#tools;
    const indexes = new Map<unknown, number>();
    for (const [index, constant] of layout.values.entries()) {
      if (!indexes.has(constant)) indexes.set(constant, index);
    }
    const index = this.#source.fresh("i");
    line(`const ${index} = ${bind(indexes)}.get(${value});`);
    line(`if (${index} !== undefined) ${bind(this.#writer.integers.variant)}(out, ${index});`);
    line("else {");
    this.#walk(layout, value, left);
    line("}");
  }

  #option(inner: Layout, absent: string, value: string, depth: number): void {
    const { bind, line } = this.#tools;
    line(`if (${absent}) ${bind(writeBoolean)}(out, false);`);
    line(`else {`);
    line(`${bind(writeBoolean)}(out, true);`);
    this.#emit(inner, value, depth);
    line("}");
  }

  #variant(layout: Of<"variant">, value: string, depth: number): void {
    const { bind, line } = this.#tools;
    for (const [index, member] of layout.members.entries()) {
      line(`${index === 0 ? "" : "else "}if (${this.#test(member, value, depth)}) {`);
      line(`${bind(this.#writer.integers.variant)}(out, ${index});`);
      this.#emit(member, value, depth);
      line("}");
    }
    line(
      `else throw ${bind(unsupported)}("a value of one of ${layout.members.length} forms", ${value});`,
    );
  }

  #test(layout: Layout, value: string, depth: number): string {
    switch (layout.kind) {
      case "string":
      case "boolean":
        return `typeof ${value} === "${layout.kind}"`;
      default:
        return `${this.#source.bind(fits)}(${this.#source.bind(layout)}, ${value}, left - ${depth})`;
    }
  }

  #enter(value: string, depth: number): void {
    this.#source.line(`if (left === ${depth}) throw ${this.#source.bind(tooDeep)}(${value});`);
  }

  #list(items: Layout, value: string, depth: number): void {
    const { bind, line } = this.#tools;
    const index = this.#source.fresh("i");
    const item = this.#source.fresh("v");
    line(`${bind(listOf)}(${value}, undefined);`);
    this.#enter(value, depth);
    line(`${bind(this.#writer.integers.length)}(out, ${value}.length);`);
    line(`for (let ${index} = 0; ${index} < ${value}.length; ${index} += 1) {`);
    line(`const ${item} = ${value}[${index}];`);
    this.#emit(items, item, depth + 1);
    line("}");
  }

  #record(layout: Of<"record">, value: string, depth: number): void {
    const { bind, line } = this.#tools;
    const [names, name, item] = [
      this.#source.fresh("k"),
      this.#source.fresh("k"),
      this.#source.fresh("v"),
    ];
    line(`if (${plain(value)}) {`);
    this.#enter(value, depth);
    line(`const ${names} = ${bind(presentNames)}(${value});`);
    line(`${bind(this.#writer.integers.length)}(out, ${names}.length);`);
    line(`for (const ${name} of ${names}) {`);
    line(`${bind(this.#writer.text)}(out, ${name});`);
    line(`const ${item} = ${value}[${name}];`);
    this.#emit(layout.values, item, depth + 1);
    line("}");
    line("} else {");
    this.#walk(layout, value, depth === 0 ? "left" : `left - ${depth}`);
    line("}");
  }

  #tuple(members: readonly Layout[], value: string, depth: number): void {
    const { bind, line } = this.#tools;
    line(`${bind(listOf)}(${value}, ${members.length});`);
    this.#enter(value, depth);
    for (const [index, member] of members.entries()) {
      const item = this.#source.fresh("v");
      line(`const ${item} = ${value}[${index}];`);
      this.#emit(member, item, depth + 1);
    }
  }

  #struct(properties: readonly Property[], value: string, depth: number): void {
    const { bind, line } = this.#tools;
    const [record, count, name] = [
      this.#source.fresh("r"),
      this.#source.fresh("n"),
      this.#source.fresh("k"),
    ];
    line(`const ${record} = ${plain(value)} ? ${value} : ${bind(toRecord)}(${value});`);
    this.#enter(value, depth);
    line(`let ${count} = ${properties.filter(({ optional }) => !optional).length};`);
    for (const property of properties) this.#property(property, record, count, depth + 1);
    line(`for (const ${name} in ${record}) ${count} -= 1;`);
    // Not the count that was expected: look closely, since undefined properties do not count.
    line(`if (${count} !== 0) ${bind(refuseUndeclared)}(${record}, ${bind(properties)});`);
  }

  #property(
    { name, layout, optional }: Property,
    record: string,
    count: string,
    depth: number,
  ): void {
    const { bind, line } = this.#tools;
    const key = this.#source.literal(name);
    const item = this.#source.fresh("v");
    line(
      `const ${item} = ${name in Object.prototype ? `Object.hasOwn(${record}, ${key}) ? ${record}[${key}] : undefined` : `${record}[${key}]`};`,
    );
    if (optional) {
      line(`if (${item} !== undefined) ${count} += 1;`);
      return this.#option(layout, `${item} === undefined`, item, depth);
    }
    line(
      `if (${item} === undefined) throw ${bind(unsupported)}(${this.#source.literal(`a map with ${key}`)}, ${record});`,
    );
    this.#emit(layout, item, depth);
  }
}
