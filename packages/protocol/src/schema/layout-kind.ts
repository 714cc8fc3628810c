import { ANY, alternatives } from "./describe.ts";
import {
  asList,
  constantsOf,
  isSchemaMap,
  keyword,
  type SchemaMap,
  tupleMembers,
  TYPE_TEXTS,
} from "./keywords.ts";
import { kindText } from "./kinds.ts";
import { show } from "./show.ts";

/** What a schema is, as far as its layout goes: two of different kinds have different layouts. */
export function layoutKind(schema: unknown): string {
  if (!isSchemaMap(schema)) return schema === false ? "nothing" : ANY;
  if (Object.hasOwn(schema, "x-amphis")) {
    const kind = kindText(String(schema["x-amphis"]));
    const length = fixedLength(schema);
    return length === undefined ? kind : `${kind} of length ${length}`;
  }
  if (Object.hasOwn(schema, "const")) return "constant";
  if (constantsOf(schema) !== undefined) return "enum";
  if (Object.hasOwn(schema, "anyOf")) return "union";
  if (Object.hasOwn(schema, "oneOf")) return "oneOf";
  if (Object.hasOwn(schema, "allOf")) return "allOf";
  return typeKind(schema);
}

function typeKind(schema: SchemaMap): string {
  const names = asList(keyword(schema, "type")).map(String);
  const [only] = names;
  if (only === undefined) return ANY;
  if (names.length > 1) return alternatives(names.map((name) => TYPE_TEXTS[name] ?? name));
  if (only === "array") return tupleMembers(schema).first === undefined ? "list" : "tuple";
  if (only === "object") return Object.hasOwn(schema, "properties") ? "map with properties" : "map";
  return TYPE_TEXTS[only] ?? only;
}

/** The length that is part of the layout of x-amphis bytes and arrays, if there is one. */
export function fixedLength(schema: SchemaMap): string | undefined {
  const kind = keyword(schema, "x-amphis");
  const least = keyword(schema, "minItems");
  if (
    (kind !== "bytes" && kind !== "array") ||
    least === undefined ||
    least !== keyword(schema, "maxItems")
  ) {
    return undefined;
  }
  return show(least);
}

/** The other member of an anyOf of two, one of which is null. */
export function nullableMember(schema: unknown): unknown {
  if (
    !isSchemaMap(schema) ||
    Object.hasOwn(schema, "x-amphis") ||
    constantsOf(schema) !== undefined
  ) {
    return undefined;
  }
  const members = asList(keyword(schema, "anyOf"));
  const others = members.filter(
    (member) =>
      !(
        isSchemaMap(member) &&
        keyword(member, "type") === "null" &&
        !Object.hasOwn(member, "x-amphis")
      ),
  );
  return members.length === 2 && others.length === 1 ? others[0] : undefined;
}
