import { Source } from "../codec/index.ts";
import { codePoints, NUMBER_BOUNDS } from "./bounds.ts";
import type { SchemaDocument } from "./document.ts";
import { TooDeep } from "./identity.ts";
import { pointerStep } from "./invalid.ts";
import { asList, asMap, isSchemaMap, keyword, type SchemaMap } from "./keywords.ts";
import { isInteger, isNumber, KINDS, numberOf, recordOf } from "./kinds.ts";
import type { Node } from "./rule.ts";
import { compilePattern } from "./well-formed.ts";

export type Check = (value: unknown, room: number) => boolean;

/** Every keyword that is checked. The generator knows some anywhere and some beside their type; a schema with others is left to its node. */
const ASSERTIONS: ReadonlySet<string> = new Set([
  "type",
  "x-amphis",
  "const",
  "enum",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "$ref",
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "minProperties",
  "maxProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "keys",
  "values",
]);
const ANYWHERE: ReadonlySet<string> = new Set(["const", "enum", "anyOf", "allOf", "$ref"]);
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  null: [],
  boolean: [],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  string: ["minLength", "maxLength", "pattern"],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties", "patternProperties"],
};
const INLINE_KINDS = /^(?!array$|set$|map$|bytes$)/;

/**
 * Compiles the common keywords to straight-line code; a schema with others is left to its node. The answers are those of the nodes.
 */
export function generateCheck(document: SchemaDocument, nodes: ReadonlyMap<string, Node>): Check {
  return new CheckSource(document, nodes).build();
}

class CheckSource {
  readonly #source = new Source();
  readonly #document: SchemaDocument;
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #functions = new Map<string, string>();
  readonly #pending: string[] = [];

  constructor(document: SchemaDocument, nodes: ReadonlyMap<string, Node>) {
    this.#document = document;
    this.#nodes = nodes;
  }

  build(): Check {
    const root = this.#named("");
    for (let pointer = this.#pending.pop(); pointer !== undefined; pointer = this.#pending.pop()) {
      this.#line(`function ${this.#named(pointer)}(value, room) {`);
      this.#line(`if (room < 0) throw new ${this.#bind(TooDeep)}();`);
      this.#emit(pointer, "value", 0);
      this.#line("return true;");
      this.#line("}");
    }
    this.#line(`return ${root};`);
    return this.#source.build() as Check;
  }

  #line(text: string): void {
    this.#source.line(text);
  }

  #bind(value: unknown): string {
    return this.#source.bind(value);
  }

  #refuseUnless(condition: string): void {
    this.#line(`if (!(${condition})) return false;`);
  }

  #named(pointer: string): string {
    const known = this.#functions.get(pointer);
    if (known !== undefined) return known;
    const name = this.#source.fresh("check");
    this.#functions.set(pointer, name);
    this.#pending.push(pointer);
    return name;
  }

  /** `depth` is how many levels inside the function the value is. */
  #emit(pointer: string, value: string, depth: number): void {
    const schema = this.#document.schemas.get(pointer);
    if (schema === false) return this.#line("return false;");
    if (!isSchemaMap(schema)) return;
    const room = depth === 0 ? "room" : `room - ${depth}`;
    if (!isInline(schema)) {
      return this.#refuseUnless(`${this.#bind(this.#nodes.get(pointer))}.check(${value}, ${room})`);
    }
    const type = keyword(schema, "type");
    const record = type === "object" ? this.#record(value) : value;
    if (type !== undefined && type !== "object") {
      this.#refuseUnless(this.#typeTest(String(type), value));
    }
    const kind = keyword(schema, "x-amphis");
    if (typeof kind === "string" && kind !== "value") {
      this.#refuseUnless(`${this.#bind(KINDS[kind])}(${value})`);
    }
    this.#emitConstants(schema, pointer, value, room);
    this.#emitSameValue(schema, pointer, value, room);
    this.#emitBounds(schema, value);
    if (type === "array") this.#emitItems(schema, pointer, value, depth);
    if (type === "object") this.#emitProperties(schema, pointer, record, depth);
  }

  #record(value: string): string {
    const record = this.#source.fresh("r");
    const plain = `typeof ${value} === "object" && ${value} !== null && Object.getPrototypeOf(${value}) === Object.prototype`;
    this.#line(`const ${record} = ${plain} ? ${value} : ${this.#bind(recordOf)}(${value});`);
    this.#refuseUnless(`${record} !== undefined`);
    return record;
  }

  #typeTest(type: string, value: string): string {
    switch (type) {
      case "null":
        return `${value} === null || ${value} === undefined`;
      case "array":
        return `Array.isArray(${value})`;
      case "integer":
        return `Number.isInteger(${value}) || ${this.#bind(isInteger)}(${value})`;
      case "number":
        return `Number.isFinite(${value}) || ${this.#bind(isNumber)}(${value})`;
      default:
        return `typeof ${value} === "${type === "string" ? "string" : "boolean"}"`;
    }
  }

  #emitConstants(schema: SchemaMap, pointer: string, value: string, room: string): void {
    const constants = [
      ...(Object.hasOwn(schema, "const") ? [[schema["const"]]] : []),
      ...(Object.hasOwn(schema, "enum") ? [asList(schema["enum"])] : []),
    ];
    for (const [index, allowed] of constants.entries()) {
      const test = this.#nodes.get(pointer)?.constants[index];
      if (allowed.every((constant) => typeof constant === "string")) {
        this.#refuseUnless(
          allowed.length <= 8
            ? allowed
                .map((constant) => `${value} === ${this.#source.literal(constant)}`)
                .join(" || ")
            : `${this.#bind(new Set(allowed))}.has(${value})`,
        );
      } else this.#refuseUnless(`${this.#bind(test)}.check(${value}, ${room})`);
    }
  }

  #emitSameValue(schema: SchemaMap, pointer: string, value: string, room: string): void {
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      this.#refuseUnless(`${this.#named(reference.slice(1))}(${value}, ${room})`);
    }
    for (const index of asList(keyword(schema, "allOf")).keys()) {
      this.#refuseUnless(`${this.#named(`${pointer}/allOf/${index}`)}(${value}, ${room})`);
    }
    const members = asList(keyword(schema, "anyOf")).map((member, index) =>
      this.#memberTest(member, `${pointer}/anyOf/${index}`, value, room),
    );
    if (members.length > 0) this.#refuseUnless(members.join(" || "));
  }

  /** A member that is only a type or a string constant is tested in place. */
  #memberTest(member: unknown, pointer: string, value: string, room: string): string {
    if (isSchemaMap(member)) {
      const assertions = Object.keys(member).filter((name) => ASSERTIONS.has(name));
      const constant = keyword(member, "const");
      const type = keyword(member, "type");
      if (
        typeof constant === "string" &&
        assertions.every((name) => name === "const" || (name === "type" && type === "string"))
      ) {
        return `${value} === ${this.#source.literal(constant)}`;
      }
      if (typeof type === "string" && type !== "object" && assertions.length === 1) {
        return `(${this.#typeTest(type, value)})`;
      }
    }
    return `${this.#named(pointer)}(${value}, ${room})`;
  }

  #emitBounds(schema: SchemaMap, value: string): void {
    for (const [name, sign] of NUMBER_BOUNDS) {
      if (Object.hasOwn(schema, name)) {
        this.#refuseUnless(
          `(typeof ${value} === "number" ? ${value} : ${this.#bind(numberOf)}(${value})) ${sign} ${this.#bind(schema[name])}`,
        );
      }
    }
    const least = keyword(schema, "minLength");
    const most = keyword(schema, "maxLength");
    // A text has at most as many code points as UTF-16 units and at least half as many, so most need no counting.
    if (typeof least === "number") {
      this.#refuseUnless(
        `${value}.length >= ${2 * least} || ${this.#bind(codePoints)}(${value}) >= ${least}`,
      );
    }
    if (typeof most === "number") {
      this.#refuseUnless(
        `${value}.length <= ${most} || ${this.#bind(codePoints)}(${value}) <= ${most}`,
      );
    }
    const pattern = keyword(schema, "pattern");
    if (typeof pattern === "string") {
      this.#refuseUnless(`${this.#bind(compilePattern(pattern))}.test(${value})`);
    }
  }

  #emitItems(schema: SchemaMap, pointer: string, value: string, depth: number): void {
    const least = keyword(schema, "minItems");
    const most = keyword(schema, "maxItems");
    if (typeof least === "number") this.#refuseUnless(`${value}.length >= ${least}`);
    if (typeof most === "number") this.#refuseUnless(`${value}.length <= ${most}`);
    if (!Object.hasOwn(schema, "items")) return;
    const [index, item] = [this.#source.fresh("i"), this.#source.fresh("v")];
    this.#line(`for (let ${index} = 0; ${index} < ${value}.length; ${index} += 1) {`);
    this.#line(`const ${item} = ${value}[${index}];`);
    this.#emit(`${pointer}/items`, item, depth + 1);
    this.#line("}");
  }

  #emitProperties(schema: SchemaMap, pointer: string, record: string, depth: number): void {
    const properties = asMap(keyword(schema, "properties"));
    const required = new Set(asList(keyword(schema, "required")).map(String));
    // Constants first: they tell the members of a union apart.
    const names = Object.keys(properties).sort(
      (a, b) => Number(isConstant(properties[b])) - Number(isConstant(properties[a])),
    );
    for (const name of names) {
      const item = this.#item(record, name);
      if (required.has(name)) this.#refuseUnless(`${item} !== undefined`);
      this.#line(`if (${item} !== undefined) {`);
      this.#emit(`${pointer}/properties${pointerStep(name)}`, item, depth + 1);
      this.#line("}");
    }
    for (const name of required) {
      if (!Object.hasOwn(properties, name)) {
        this.#refuseUnless(`${this.#item(record, name)} !== undefined`);
      }
    }
    this.#emitOthers(schema, pointer, record, depth);
  }

  #item(record: string, name: string): string {
    const item = this.#source.fresh("v");
    const key = this.#source.literal(name);
    this.#line(
      `const ${item} = ${name in Object.prototype ? `Object.hasOwn(${record}, ${key}) ? ${record}[${key}] : undefined` : `${record}[${key}]`};`,
    );
    return item;
  }

  #emitOthers(schema: SchemaMap, pointer: string, record: string, depth: number): void {
    const others = keyword(schema, "additionalProperties") ?? true;
    const patterns = Object.keys(asMap(keyword(schema, "patternProperties")));
    if (
      patterns.length === 0 &&
      (others === true || (isSchemaMap(others) && Object.keys(others).length === 0))
    ) {
      return;
    }
    const declared = new Set(Object.keys(asMap(keyword(schema, "properties"))));
    const [name, item, matched] = [
      this.#source.fresh("k"),
      this.#source.fresh("v"),
      this.#source.fresh("m"),
    ];
    this.#line(`for (const ${name} of Object.keys(${record})) {`);
    this.#line(`const ${item} = ${record}[${name}];`);
    this.#line(`if (${item} === undefined) continue;`);
    this.#line(
      `let ${matched} = ${declared.size === 0 ? "false" : `${this.#bind(declared)}.has(${name})`};`,
    );
    for (const source of patterns) {
      this.#line(`if (${this.#bind(compilePattern(source))}.test(${name})) {`);
      this.#line(`${matched} = true;`);
      this.#emit(`${pointer}/patternProperties${pointerStep(source)}`, item, depth + 1);
      this.#line("}");
    }
    this.#line(`if (!${matched}) {`);
    this.#emit(`${pointer}/additionalProperties`, item, depth + 1);
    this.#line("}");
    this.#line("}");
  }
}

function isConstant(schema: unknown): boolean {
  return isSchemaMap(schema) && Object.hasOwn(schema, "const");
}

/** Whether the generator knows every keyword of a schema in its place. */
function isInline(schema: SchemaMap): boolean {
  const type = keyword(schema, "type");
  const kind = keyword(schema, "x-amphis");
  if (type !== undefined && (typeof type !== "string" || kind !== undefined)) return false;
  if (typeof kind === "string" && !INLINE_KINDS.test(kind)) return false;
  const known = typeof type === "string" ? (BY_TYPE[type] ?? []) : [];
  const inPlace = Object.keys(schema).every(
    (name) =>
      !ASSERTIONS.has(name) ||
      name === "type" ||
      name === "x-amphis" ||
      ANYWHERE.has(name) ||
      known.includes(name),
  );
  return inPlace && !Array.isArray(keyword(schema, "items"));
}
