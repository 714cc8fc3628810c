import { listTests, mapTests, numberTests, stringTests } from "./bounds.ts";
import { Elements, Entries, Items, Properties, type PropertyRules } from "./containers.ts";
import { ANY, describe, oneOf, typeText, unionText } from "./describe.ts";
import { SchemaDocument } from "./document.ts";
import { identity } from "./identity.ts";
import { pointerStep } from "./invalid.ts";
import { asList, asMap, isSchemaMap, keyword, type SchemaMap, tupleMembers } from "./keywords.ts";
import { KINDS, kindText, TYPES } from "./kinds.ts";
import { Never, Node, ObjectTest, type Rule, Test } from "./rule.ts";
import { quote, show } from "./show.ts";
import { AnyOf, OneOf } from "./unions.ts";
import { compilePattern } from "./well-formed.ts";

const CONSTANT_DEPTH = 128;

export interface CompiledDocument {
  readonly document: SchemaDocument;
  /** The node of every schema by its JSON pointer. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/**
 * Compiles every schema of a document to nodes that check values and say what is wrong with them.
 *
 * @throws {AmphisError} SCHEMA_INVALID
 */
export function compileDocument(schema: unknown): CompiledDocument {
  const document = new SchemaDocument(schema);
  const nodes = new Map(
    [...document.schemas.keys()].map((pointer) => [pointer, new Node()] as const),
  );
  for (const pointer of document.schemas.keys()) new Filling(document, nodes, pointer).fill();
  return { document, nodes };
}

/** Fills one node; the nodes of other schemas are only pointed at. */
class Filling {
  readonly #document: SchemaDocument;
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #pointer: string;
  readonly #node: Node;

  constructor(document: SchemaDocument, nodes: ReadonlyMap<string, Node>, pointer: string) {
    this.#document = document;
    this.#nodes = nodes;
    this.#pointer = pointer;
    this.#node = this.#at(pointer);
  }

  #at(pointer: string): Node {
    const node = this.#nodes.get(pointer);
    if (node === undefined) {
      throw new TypeError(`Cannot compile schema: nothing was read at ${pointer}`);
    }
    return node;
  }

  #child(steps: string): Node {
    return this.#at(this.#pointer + steps);
  }

  fill(): void {
    const schema = this.#document.schemas.get(this.#pointer);
    const { rules } = this.#node;
    if (!isSchemaMap(schema)) {
      if (schema === false) rules.push(new Never("nothing"));
      return;
    }
    this.#fillGates(schema);
    this.#fillConstants(schema);
    this.#fillSameValue(schema);
    rules.push(...numberTests(schema), ...stringTests(schema), ...listTests(schema));
    this.#fillItems(schema);
    rules.push(...mapTests(schema));
    this.#fillProperties(schema);
  }

  #fillGates(schema: SchemaMap): void {
    const { gates } = this.#node;
    const names = asList(keyword(schema, "type")).map(String);
    if (names.length > 0) {
      const tests = names.map((name) => TYPES[name] ?? (() => false));
      const [only] = tests;
      const accepts =
        only !== undefined && tests.length === 1
          ? only
          : (value: unknown): boolean => tests.some((test) => test(value));
      gates.push(
        names.includes("object")
          ? new ObjectTest(typeText(schema), accepts)
          : new Test(typeText(schema), accepts),
      );
    }
    const kind = keyword(schema, "x-amphis");
    if (typeof kind === "string") {
      gates.push(new Test(kindText(kind), KINDS[kind] ?? (() => false)));
    }
  }

  #fillConstants(schema: SchemaMap): void {
    if (Object.hasOwn(schema, "const")) this.#node.constants.push(equalTo(schema["const"]));
    if (Object.hasOwn(schema, "enum")) {
      const values = asList(schema["enum"]);
      const allowed = new Set(values.map((value) => identity(value, CONSTANT_DEPTH)));
      this.#node.constants.push(
        new Test(oneOf(values.map(show)), (value, room) => allowed.has(identity(value, room))),
      );
    }
  }

  #fillSameValue(schema: SchemaMap): void {
    const { rules, sameValue, choices } = this.#node;
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") sameValue.push(this.#at(reference.slice(1)));
    for (const index of asList(keyword(schema, "allOf")).keys()) {
      sameValue.push(this.#child(`/allOf/${index}`));
    }
    rules.push(...sameValue);
    for (const [name, Union] of [
      ["anyOf", AnyOf],
      ["oneOf", OneOf],
    ] as const) {
      if (!Object.hasOwn(schema, name)) continue;
      const members = asList(schema[name]).map((_, index) => this.#child(`/${name}/${index}`));
      choices.push(members);
      rules.push(new Union(members, () => unionText(schema, name, this.#document)));
    }
    if (Object.hasOwn(schema, "not")) {
      const refused = this.#child("/not");
      rules.push(
        new Test(
          `not ${describe(schema["not"], this.#document)}`,
          (value, room) => !refused.check(value, room),
        ),
      );
    }
  }

  #fillItems(schema: SchemaMap): void {
    const given = (names: readonly string[]): boolean =>
      names.some((name) => Object.hasOwn(schema, name));
    if (keyword(schema, "x-amphis") === "set") {
      if (given(["items"])) this.#node.rules.push(new Elements(this.#child("/items")));
    } else if (given(["items", "prefixItems", "additionalItems"])) {
      this.#node.rules.push(this.#items(schema));
    }
  }

  #items(schema: SchemaMap): Items {
    const { first, rest } = tupleMembers(schema);
    const prefix = Object.hasOwn(schema, "prefixItems") ? "/prefixItems" : "/items";
    const members: Rule[] = (first ?? []).map((_, index) => this.#child(`${prefix}/${index}`));
    if (rest === false) return new Items(members, new Never("no item"));
    const place = prefix === "/prefixItems" || first === undefined ? "/items" : "/additionalItems";
    return new Items(members, rest === true ? undefined : this.#child(place));
  }

  #fillProperties(schema: SchemaMap): void {
    if (keyword(schema, "x-amphis") === "map") {
      const part = (name: string): Node | undefined =>
        Object.hasOwn(schema, name) ? this.#child(`/${name}`) : undefined;
      this.#node.rules.push(new Entries(part("keys"), part("values")));
    } else if (
      ["properties", "required", "patternProperties", "additionalProperties"].some((name) =>
        Object.hasOwn(schema, name),
      )
    ) {
      this.#node.rules.push(new Properties(this.#properties(schema)));
    }
  }

  #properties(schema: SchemaMap): PropertyRules {
    const declared = new Map<string, Rule>();
    const texts = new Map<string, string>();
    for (const [name, child] of Object.entries(asMap(keyword(schema, "properties")))) {
      texts.set(name, describe(child, this.#document));
      declared.set(
        name,
        child === false
          ? new Never(`no property ${quote(name)}`)
          : this.#child(`/properties${pointerStep(name)}`),
      );
      if (isSchemaMap(child) && Object.hasOwn(child, "const")) {
        this.#node.constProperties.set(name, equalTo(child["const"]));
      }
    }
    const required = asList(keyword(schema, "required")).map(
      (name) => [String(name), texts.get(String(name)) ?? ANY] as const,
    );
    const patterns = Object.keys(asMap(keyword(schema, "patternProperties"))).map(
      (source) =>
        [compilePattern(source), this.#child(`/patternProperties${pointerStep(source)}`)] as const,
    );
    return {
      declared,
      required: new Map(required),
      patterns,
      others: this.#others(keyword(schema, "additionalProperties") ?? true),
    };
  }

  #others(others: unknown): Rule | undefined {
    if (others === true) return undefined;
    return others === false ? new Never("no property") : this.#child("/additionalProperties");
  }
}

function equalTo(constant: unknown): Test {
  const wanted = identity(constant, CONSTANT_DEPTH);
  return new Test(show(constant), (value, room) => identity(value, room) === wanted);
}
