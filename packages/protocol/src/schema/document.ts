import { pointerStep, schemaInvalid } from "./invalid.ts";
import { asList, isSchemaMap, keyword, type Schema, type SchemaMap } from "./keywords.ts";
import { checkKeyword } from "./well-formed.ts";

const MAX_DEPTH = 128;
const MEMBERS = ["allOf", "anyOf", "oneOf"] as const;

/**
 * A schema whose keywords have the right shape, and whose references lead somewhere and never in a circle.
 *
 * @throws {AmphisError} SCHEMA_INVALID with the JSON pointer of what is wrong
 */
export class SchemaDocument {
  /** Every schema of the document by its JSON pointer. */
  readonly schemas: Map<string, Schema> = new Map<string, Schema>();
  readonly #root: unknown;

  constructor(root: unknown) {
    this.#root = root;
    this.#visit(root, "", 0);
    for (const pointer of this.schemas.keys()) this.#refuseCircle(pointer);
  }

  /** The schema that a `$ref` of this document leads to. */
  resolve(reference: string): Schema {
    return this.schemas.get(reference.slice(1)) ?? true;
  }

  #visit(schema: unknown, pointer: string, depth: number): void {
    if (this.schemas.has(pointer)) return;
    if (typeof schema !== "boolean" && !isSchemaMap(schema)) {
      throw schemaInvalid(pointer, "a schema is a map or a bool");
    }
    if (depth > MAX_DEPTH) {
      throw schemaInvalid(pointer, `it is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.schemas.set(pointer, schema);
    if (typeof schema === "boolean") return;
    for (const name of Object.keys(schema)) {
      checkKeyword(name, schema[name], pointer + pointerStep(name));
    }
    refuseOpenArray(schema, pointer);
    for (const [place, child] of childrenOf(schema, pointer)) this.#visit(child, place, depth + 1);
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") this.#visitTarget(reference, `${pointer}/$ref`, depth);
  }

  #visitTarget(reference: string, place: string, depth: number): void {
    let target = this.#root;
    for (const token of reference.slice(1).split("/").slice(1)) {
      const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof target !== "object" || target === null || !Object.hasOwn(target, name)) {
        throw schemaInvalid(place, `${reference} leads nowhere`);
      }
      target = (target as SchemaMap)[name];
    }
    this.#visit(target, reference.slice(1), depth + 1);
  }

  /** Refuses a schema that leads to itself, or to one that does, without going into the value. */
  #refuseCircle(pointer: string): void {
    for (const [step, start] of this.#sameValue(pointer)) {
      if (this.#circles(start, new Set([pointer]), new Set())) {
        throw schemaInvalid(step, "the schema refers to itself without going into the value");
      }
    }
  }

  /** Whether a place on the way comes again. `done` are places that lead to no circle. */
  #circles(place: string, way: Set<string>, done: Set<string>): boolean {
    if (way.has(place)) return true;
    if (done.has(place)) return false;
    way.add(place);
    const circles = this.#sameValue(place).some(([, next]) => this.#circles(next, way, done));
    way.delete(place);
    done.add(place);
    return circles;
  }

  /** The schemas that look at the same value: where they are named, and where they are. */
  #sameValue(pointer: string): (readonly [string, string])[] {
    const schema = this.schemas.get(pointer);
    if (!isSchemaMap(schema)) return [];
    const found: (readonly [string, string])[] = [];
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") found.push([`${pointer}/$ref`, reference.slice(1)]);
    for (const name of MEMBERS) {
      for (const index of asList(keyword(schema, name)).keys()) {
        found.push([`${pointer}/${name}/${index}`, `${pointer}/${name}/${index}`]);
      }
    }
    if (Object.hasOwn(schema, "not")) found.push([`${pointer}/not`, `${pointer}/not`]);
    return found;
  }
}

function refuseOpenArray(schema: SchemaMap, pointer: string): void {
  if (keyword(schema, "x-amphis") !== "array") return;
  const least = keyword(schema, "minItems");
  if (least === undefined || least !== keyword(schema, "maxItems")) {
    throw schemaInvalid(`${pointer}/x-amphis`, "an array needs equal minItems and maxItems");
  }
}

function childrenOf(schema: SchemaMap, pointer: string): (readonly [string, unknown])[] {
  return Object.keys(schema).flatMap((name) => {
    const value = schema[name];
    const place = `${pointer}/${name}`;
    switch (name) {
      case "properties":
      case "patternProperties":
      case "$defs":
        return Object.entries(value as SchemaMap).map(
          ([key, child]) => [place + pointerStep(key), child] as const,
        );
      case "allOf":
      case "anyOf":
      case "oneOf":
      case "prefixItems":
      case "items":
        if (!Array.isArray(value)) return [[place, value] as const];
        return value.map((child: unknown, index) => [`${place}/${index}`, child] as const);
      case "not":
      case "additionalItems":
      case "additionalProperties":
      case "keys":
      case "values":
        return [[place, value] as const];
      default:
        return [];
    }
  });
}
