import type { Dict, Judge } from "./judge.ts";
import type { Table } from "./table.ts";
import type { TypeNode, TypeParameter } from "./type-node.ts";

/** Larger ones are nobody's types, and would end in the stack or the patience of whoever walks them. */
export const MOST_TYPE_PARTS = 2_000;

/** Checks one type whose parts are in a table; gives how many parts it has. */
export function readType(judge: Judge, types: Table, node: Dict): number {
  const kind = node["kind"] as TypeNode["kind"];
  switch (kind) {
    case "name":
      judge.text(node["path"], "path of a type");
      return 1 + (node["arguments"] === undefined ? 0 : types.resolveAll(node, "arguments"));
    case "union":
      return 1 + types.resolveAll(node, "of");
    case "literal":
      return readLiteral(judge, node);
    case "tuple":
      return 1 + types.resolveAll(node, "of") + types.resolve(node, "rest");
    case "callable": {
      const { parameters } = node;
      require(judge, node, "returns");
      const size = parameters === undefined ? 0 : types.resolveAll(node, "parameters");
      return 1 + size + types.resolve(node, "returns");
    }
    case "variable":
      judge.text(node["name"], "name of a type");
      return 1;
    case "unpack":
      require(judge, node, "of");
      return 1 + types.resolve(node, "of");
    case "unknown":
      judge.text(node["text"], "text of a type");
      return 1;
    default:
      return judge.refuse("kind of a type", "a known one");
  }
}

function require(judge: Judge, node: Dict, key: string): void {
  if (node[key] === undefined) judge.refuse(key, "the number of a type");
}

function readLiteral(judge: Judge, node: Dict): number {
  const values = judge.list(node["values"], "values of a literal");
  for (const value of values) {
    const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
    if (!isPlain) judge.refuse("values of a literal", "plain values");
  }
  return 1 + values.length;
}

const KINDS: ReadonlySet<unknown> = new Set<TypeParameter["kind"]>(["type", "parameters", "types"]);

/** Checks one type parameter. */
export function readTypeParameter(judge: Judge, types: Table, parameter: Dict): number {
  judge.text(parameter["name"], "name of a type parameter");
  judge.oneOf(parameter["kind"], KINDS, "kind of a type parameter");
  const { constraints } = parameter;
  const size = constraints === undefined ? 0 : types.resolveAll(parameter, "constraints");
  return 1 + size + types.resolve(parameter, "bound") + types.resolve(parameter, "default");
}
