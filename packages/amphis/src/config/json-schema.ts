import { LAYER, LAYER_MARK, SCHEMA_KEY } from "./definition.ts";
import type { AnyShape, ListShape, NumberShape, ObjectShape, TextShape } from "./shape.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What an option is for, where somebody wrote it down. */
export type Describe = (interfaceName: string, option: string) => string | undefined;

/**
 * The schema of configuration files in JSON and TOML, which have no functions.
 *
 * @param describe @default nothing is described
 */
export function configSchema(describe: Describe = () => undefined): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const writer = new SchemaWriter(definitions, describe);
  const layer = writer.reference(LAYER);
  const { properties } = definitions[LAYER.name] as { readonly properties: JsonSchema };
  const own = { [SCHEMA_KEY]: { type: "string" }, ...properties };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of Amphis",
    type: "object",
    properties: own,
    patternProperties: { [`^\\${LAYER_MARK}(?!schema$)`]: layer },
    additionalProperties: false,
    $defs: definitions,
  };
}

class SchemaWriter {
  readonly #definitions: Record<string, JsonSchema>;
  readonly #describe: Describe;

  constructor(definitions: Record<string, JsonSchema>, describe: Describe) {
    this.#definitions = definitions;
    this.#describe = describe;
  }

  reference(shape: ObjectShape): JsonSchema {
    const { name } = shape;
    if (!Object.hasOwn(this.#definitions, name)) {
      // First, so that it is there when a part of it means it.
      this.#definitions[name] = {};
      this.#definitions[name] = this.#object(shape);
    }
    return { $ref: `#/$defs/${name}` };
  }

  #object({ name, fields }: ObjectShape): JsonSchema {
    const properties: Record<string, JsonSchema> = {};
    for (const [option, shape] of Object.entries(fields)) {
      const schema = this.#schema(shape);
      if (schema === undefined) continue;
      const description = this.#describe(name, option);
      properties[option] = description === undefined ? schema : { description, ...schema };
    }
    // What a stage leaves out may stand in the rest of the file: only the check sees the whole.
    return { type: "object", properties, additionalProperties: false };
  }

  /** Undefined for what only code can give. */
  #schema(shape: AnyShape): JsonSchema | undefined {
    switch (shape.kind) {
      case "text":
        return textSchema(shape);
      case "number":
        return numberSchema(shape);
      case "flag":
        return { type: "boolean" };
      case "choice":
        return { enum: shape.values };
      case "code":
        return undefined;
      case "list":
        return listSchema(shape, this.#schema(shape.item) ?? false);
      case "record": {
        const { key, item } = shape;
        const names = { propertyNames: textSchema(key) };
        return { type: "object", ...names, additionalProperties: this.#schema(item) ?? false };
      }
      case "object":
        return isCode(shape) ? undefined : this.reference(shape);
      case "union": {
        const options = shape.options.map((option) => this.#schema(option));
        const [one, ...others] = options.filter((option) => option !== undefined);
        return others.length === 0 ? one : { anyOf: [one, ...others] };
      }
    }
  }
}

/** Whether it cannot be given without a function. */
function isCode({ fields, required }: ObjectShape): boolean {
  return required.some((name) => fields[name]?.kind === "code");
}

function numberSchema({ whole, min, max, powerOfTwo }: NumberShape): JsonSchema {
  if (powerOfTwo === true && max !== undefined) return { enum: powersOfTwo(min, max) };
  const limits = max === undefined ? { minimum: min } : { minimum: min, maximum: max };
  return { type: whole ? "integer" : "number", ...limits };
}

function powersOfTwo(min: number, max: number): readonly number[] {
  const powers: number[] = [];
  for (let power = min; power <= max; power *= 2) powers.push(power);
  return powers;
}

function listSchema({ least = 0 }: ListShape, items: JsonSchema | false): JsonSchema {
  return least === 0 ? { type: "array", items } : { type: "array", minItems: least, items };
}

function textSchema({ pattern }: TextShape): JsonSchema {
  return pattern === undefined
    ? { type: "string", minLength: 1 }
    : { type: "string", pattern: pattern.source };
}
