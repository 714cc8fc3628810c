import { AmphisError } from "../../error/index.ts";
import type { Definition, IntegerType, Layout, Property, ScalarType } from "./layout.ts";
import { refuseEndless, refuseWeightless } from "./size.ts";

const INTEGERS: ReadonlySet<string> = new Set([
  "u8",
  "u16",
  "u32",
  "u64",
  "u128",
  "i8",
  "i16",
  "i32",
  "i64",
  "i128",
]);
const SCALARS: ReadonlySet<string> = new Set([
  "timestamp",
  "date",
  "time",
  "datetime",
  "duration",
  "decimal",
  "uuid",
  "complex",
  "path",
  "handle",
  "attachment",
]);

/** Bounds the nesting of a schema by the length of the way to it; a pointer in a sane schema is far shorter. */
const MAX_POINTER = 4_096;

type Schema = Readonly<Record<string, unknown>>;

/**
 * Chooses the layout of a schema: the first row that fits in the table of spec/compact.md.
 *
 * @throws {AmphisError} SCHEMA_INVALID with the JSON pointer of the place
 */
export function planLayout(schema: unknown): Layout {
  return new Planner(schema).plan();
}

/** Reports a place of a schema that cannot be compiled. */
function schemaInvalid(path: string, reason: string): AmphisError<"SCHEMA_INVALID"> {
  return new AmphisError(
    "SCHEMA_INVALID",
    `Cannot compile schema: ${reason} at ${path === "" ? "its root" : path}`,
    { path, reason },
  );
}

class Planner {
  readonly #root: unknown;
  readonly #definitions = new Map<string, Definition>();

  constructor(root: unknown) {
    this.#root = root;
  }

  plan(): Layout {
    const layout = this.#layout(this.#root, "");
    refuseEndless(layout);
    for (const { layout: defined } of this.#definitions.values()) {
      if (defined !== undefined) refuseEndless(defined);
    }
    refuseWeightless(layout);
    return layout;
  }

  #layout(schema: unknown, at: string): Layout {
    if (at.length > MAX_POINTER) {
      throw schemaInvalid(`${at.slice(0, 60)}…`, "it is nested too deeply");
    }
    if (typeof schema === "boolean") return { kind: "value" };
    if (!isSchema(schema)) throw schemaInvalid(at, "a schema must be an object or a boolean");
    return (
      this.#extended(schema, at) ??
      this.#referred(schema, at) ??
      this.#chosen(schema, at) ??
      this.#typed(schema, at) ?? { kind: "value" }
    );
  }

  /** `x-amphis`: layouts that JSON Schema has no word for. */
  #extended(schema: Schema, at: string): Layout | undefined {
    const kind = own(schema, "x-amphis");
    if (kind === undefined) return undefined;
    const place = `${at}/x-amphis`;
    if (typeof kind !== "string") throw schemaInvalid(place, "x-amphis must be a string");
    if (INTEGERS.has(kind)) return { kind: "integer", type: kind as IntegerType };
    if (SCALARS.has(kind)) return { kind: "scalar", type: kind as ScalarType };
    switch (kind) {
      case "f32":
        return { kind: "float", bits: 32 };
      case "f64":
        return { kind: "float", bits: 64 };
      case "char":
      case "int":
      case "value":
        return { kind };
      case "bytes":
        return bytesLayout(schema, at);
      case "array":
        return {
          kind: "array",
          items: this.#part(schema, "items", at),
          length: fixedLength(schema, at),
        };
      case "set":
        return { kind: "set", items: this.#part(schema, "items", at) };
      case "map":
        return {
          kind: "map",
          keys: this.#part(schema, "keys", at),
          values: this.#part(schema, "values", at),
        };
      default:
        throw schemaInvalid(place, `there is no layout ${JSON.stringify(kind)}`);
    }
  }

  #part(schema: Schema, keyword: string, at: string): Layout {
    const part = own(schema, keyword);
    if (part === undefined) {
      throw schemaInvalid(at, `${String(schema["x-amphis"])} needs ${keyword}`);
    }
    return this.#layout(part, `${at}/${keyword}`);
  }

  #referred(schema: Schema, at: string): Layout | undefined {
    const reference = own(schema, "$ref");
    if (reference === undefined) return undefined;
    const place = `${at}/$ref`;
    if (typeof reference !== "string") throw schemaInvalid(place, "$ref must be a string");
    const name = definitionName(reference);
    if (name === undefined) {
      throw schemaInvalid(
        place,
        `only #/$defs/name can be referred to, not ${JSON.stringify(reference)}`,
      );
    }
    return { kind: "reference", definition: this.#define(name, place) };
  }

  #define(name: string, place: string): Definition {
    const known = this.#definitions.get(name);
    if (known !== undefined) return known;
    const definitions = isSchema(this.#root) ? own(this.#root, "$defs") : undefined;
    const schema = isSchema(definitions) ? own(definitions, name) : undefined;
    if (schema === undefined) {
      throw schemaInvalid(place, `there is no definition ${JSON.stringify(name)}`);
    }
    const definition: Definition = { name, layout: undefined };
    this.#definitions.set(name, definition);
    definition.layout = this.#layout(schema, `/$defs/${escapePointer(name)}`);
    return definition;
  }

  #chosen(schema: Schema, at: string): Layout | undefined {
    if (Object.hasOwn(schema, "const")) return { kind: "constant", value: schema["const"] };
    const values = own(schema, "enum");
    if (values !== undefined) return choiceLayout(values, at);
    const members = own(schema, "anyOf");
    if (members === undefined) return undefined;
    if (!Array.isArray(members) || members.length === 0) {
      throw schemaInvalid(`${at}/anyOf`, "anyOf must be a list of schemas");
    }
    return this.#union(members, `${at}/anyOf`);
  }

  #union(members: readonly unknown[], at: string): Layout {
    if (members.every(isConstant)) {
      return { kind: "choice", values: members.map((member) => member["const"]) };
    }
    const nil = members.length === 2 ? members.findLastIndex(isNil) : -1;
    if (nil !== -1) {
      return { kind: "option", inner: this.#layout(members[1 - nil], `${at}/${1 - nil}`) };
    }
    return {
      kind: "variant",
      members: members.map((member, index) => this.#layout(member, `${at}/${index}`)),
    };
  }

  #typed(schema: Schema, at: string): Layout | undefined {
    switch (own(schema, "type")) {
      case "null":
        return { kind: "constant", value: null };
      case "boolean":
        return { kind: "boolean" };
      case "integer":
        return { kind: "integer", type: "i64" };
      case "number":
        return { kind: "float", bits: 64 };
      case "string":
        return { kind: "string" };
      case "array":
        return this.#sequence(schema, at);
      case "object":
        return this.#object(schema, at);
      default:
        return undefined;
    }
  }

  #sequence(schema: Schema, at: string): Layout | undefined {
    const items = own(schema, "items");
    const prefix = own(schema, "prefixItems") ?? (Array.isArray(items) ? items : undefined);
    if (prefix !== undefined) {
      const keyword = prefix === items ? "items" : "prefixItems";
      if (!Array.isArray(prefix)) {
        throw schemaInvalid(`${at}/prefixItems`, "prefixItems must be a list of schemas");
      }
      if (!endsAfter(schema, prefix.length)) return undefined;
      return {
        kind: "tuple",
        members: prefix.map((member, index) => this.#layout(member, `${at}/${keyword}/${index}`)),
      };
    }
    return items === undefined || items === false
      ? undefined
      : { kind: "list", items: this.#layout(items, `${at}/items`) };
  }

  #object(schema: Schema, at: string): Layout | undefined {
    const properties = own(schema, "properties");
    if (properties !== undefined) return this.#struct(schema, properties, at);
    const additional = own(schema, "additionalProperties");
    const patterns = own(schema, "patternProperties");
    if (isSchema(additional)) {
      return { kind: "record", values: this.#layout(additional, `${at}/additionalProperties`) };
    }
    const [only, ...others] = isSchema(patterns) ? Object.keys(patterns) : [];
    if (!isSchema(patterns) || only === undefined || others.length > 0) return undefined;
    return {
      kind: "record",
      values: this.#layout(patterns[only], `${at}/patternProperties/${escapePointer(only)}`),
    };
  }

  #struct(schema: Schema, properties: unknown, at: string): Layout {
    if (!isSchema(properties)) {
      throw schemaInvalid(`${at}/properties`, "properties must be an object");
    }
    const required = own(schema, "required") ?? [];
    if (!Array.isArray(required)) {
      throw schemaInvalid(`${at}/required`, "required must be a list of names");
    }
    const fields = Object.keys(properties).map((name): Property => ({
      name,
      layout: this.#layout(properties[name], `${at}/properties/${escapePointer(name)}`),
      optional: !required.includes(name),
    }));
    return { kind: "struct", properties: fields };
  }
}

function bytesLayout(schema: Schema, at: string): Layout {
  const { minItems, maxItems } = schema;
  if (minItems === undefined || minItems !== maxItems) return { kind: "bytes" };
  return { kind: "bytes", length: fixedLength(schema, at) };
}

function fixedLength(schema: Schema, at: string): number {
  const { minItems, maxItems } = schema;
  if (
    minItems !== maxItems ||
    typeof minItems !== "number" ||
    !Number.isSafeInteger(minItems) ||
    minItems < 0
  ) {
    throw schemaInvalid(at, "minItems and maxItems must be the same length");
  }
  return minItems;
}

function choiceLayout(values: unknown, at: string): Layout {
  if (!Array.isArray(values) || values.length === 0) {
    throw schemaInvalid(`${at}/enum`, "enum must be a list of values");
  }
  return { kind: "choice", values };
}

/** Whether a tuple cannot be longer than its members. */
function endsAfter(schema: Schema, count: number): boolean {
  const closed = Array.isArray(schema["items"]) ? schema["additionalItems"] : schema["items"];
  const { maxItems } = schema;
  return (
    closed === false ||
    schema["unevaluatedItems"] === false ||
    (typeof maxItems === "number" && maxItems <= count)
  );
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isConstant(member: unknown): member is Schema {
  return (
    isSchema(member) &&
    Object.hasOwn(member, "const") &&
    !Object.hasOwn(member, "x-amphis") &&
    !Object.hasOwn(member, "$ref")
  );
}

function isNil(member: unknown): boolean {
  return isSchema(member) && own(member, "type") === "null" && !Object.hasOwn(member, "x-amphis");
}

function own(schema: Schema, keyword: string): unknown {
  return Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
}

/** The name in `#/$defs/name`. */
function definitionName(reference: string): string | undefined {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
  return name?.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** One step of a JSON pointer. */
function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
