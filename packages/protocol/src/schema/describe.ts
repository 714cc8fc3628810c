import type { SchemaDocument } from "./document.ts";
import {
  asList,
  constantsOf,
  isSchemaMap,
  keyword,
  type SchemaMap,
  TYPE_TEXTS,
} from "./keywords.ts";
import { kindText } from "./kinds.ts";
import { show } from "./show.ts";

export const ANY = "any value";
const MAX_LISTED = 8;

/** A whole schema in a few words, for lists of alternatives and for what is missing. */
export function describe(schema: unknown, document: SchemaDocument): string {
  if (!isSchemaMap(schema)) return schema === false ? "nothing" : ANY;
  if (Object.hasOwn(schema, "x-amphis")) return kindText(String(schema["x-amphis"]));
  if (Object.hasOwn(schema, "const")) return show(schema["const"]);
  if (Object.hasOwn(schema, "enum")) return oneOf(asList(schema["enum"]).map(show));
  if (Object.hasOwn(schema, "type")) return typeText(schema);
  if (Object.hasOwn(schema, "$ref")) {
    return describe(document.resolve(String(schema["$ref"])), document);
  }
  return describeMembers(schema, document);
}

function describeMembers(schema: SchemaMap, document: SchemaDocument): string {
  for (const name of ["anyOf", "oneOf"] as const) {
    if (Object.hasOwn(schema, name)) return unionText(schema, name, document);
  }
  for (const member of asList(keyword(schema, "allOf"))) {
    const text = describe(member, document);
    if (text !== ANY) return text;
  }
  return Object.hasOwn(schema, "not") ? `not ${describe(schema["not"], document)}` : ANY;
}

/** The texts of the members of an anyOf or oneOf. */
export function unionText(
  schema: SchemaMap,
  name: "anyOf" | "oneOf",
  document: SchemaDocument,
): string {
  const constants = name === "anyOf" ? constantsOf({ anyOf: schema["anyOf"] }) : undefined;
  if (constants !== undefined) return oneOf(constants.map(show));
  return alternatives(asList(schema[name]).map((member) => describe(member, document)));
}

export function typeText(schema: SchemaMap): string {
  return alternatives(asList(schema["type"]).map((name) => TYPE_TEXTS[String(name)] ?? ANY));
}

/** The text of an enum. */
export function oneOf(texts: readonly string[]): string {
  const [only = ANY] = texts;
  if (texts.length === 1) return only;
  const rest = texts.length - MAX_LISTED;
  const listed = `one of ${texts.slice(0, MAX_LISTED).join(", ")}`;
  return rest > 0 ? `${listed} and ${rest} more` : listed;
}

/** Joins texts with `or`, each once. */
export function alternatives(texts: readonly string[]): string {
  const unique = [...new Set(texts)];
  const rest = unique.length - MAX_LISTED;
  if (rest > 0) return `${unique.slice(0, MAX_LISTED).join(", ")} or ${rest} more`;
  return unique.length === 1
    ? (unique[0] ?? ANY)
    : `${unique.slice(0, -1).join(", ")} or ${unique.at(-1) ?? ANY}`;
}
