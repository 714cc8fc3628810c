/** The shape of JSON Schemas as this part reads them; a TypeBox schema is one. */
export type Schema = boolean | object;

/** A schema that is a map, once it is known to be one. */
export type SchemaMap = Readonly<Record<string, unknown>>;

/** What the types of JSON Schema are called in failures. */
export const TYPE_TEXTS: Readonly<Record<string, string>> = {
  null: "null",
  boolean: "boolean",
  integer: "integer",
  number: "number",
  string: "string",
  array: "list",
  object: "map",
};

/** Assertions that would have to be checked and are not. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  "if",
  "then",
  "else",
  "contains",
  "minContains",
  "maxContains",
  "dependencies",
  "dependentRequired",
  "dependentSchemas",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
  "$dynamicRef",
  "$recursiveRef",
]);

export function isSchemaMap(value: unknown): value is SchemaMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A keyword that the schema itself has; nothing comes from a prototype. */
export function keyword(schema: SchemaMap, name: string): unknown {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

/** A keyword that may be one thing or a list of them, as a list. */
export function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function asMap(value: unknown): SchemaMap {
  return isSchemaMap(value) ? value : {};
}

/** The schemas of the first items, if they are given one by one, and of all further items. */
export function tupleMembers(schema: SchemaMap): {
  readonly first: readonly unknown[] | undefined;
  readonly rest: unknown;
} {
  const items = keyword(schema, "items") ?? true;
  if (Object.hasOwn(schema, "prefixItems")) {
    return { first: asList(schema["prefixItems"]), rest: items };
  }
  if (Array.isArray(items)) {
    return { first: items, rest: keyword(schema, "additionalItems") ?? true };
  }
  return { first: undefined, rest: items };
}

/** The allowed values of an enum, or of an anyOf whose members are constants. */
export function constantsOf(schema: SchemaMap): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, "x-amphis")) return undefined;
  if (Object.hasOwn(schema, "enum")) return asList(schema["enum"]);
  const members = asList(keyword(schema, "anyOf"));
  const constants = members.filter(
    (member): member is SchemaMap =>
      isSchemaMap(member) && Object.hasOwn(member, "const") && !Object.hasOwn(member, "x-amphis"),
  );
  return constants.length > 0 && constants.length === members.length
    ? constants.map((member) => member["const"])
    : undefined;
}
