import type { TypeNode } from "../model/index.ts";

/** Names that accept, or may be, anything. */
const ANYTHING = new Set(["typing.Any", "builtins.object"]);

/** A type as one text, the same for the same type: members of unions and literals in order. */
export function formatType(type: TypeNode | undefined): string {
  if (type === undefined) return "unknown";
  switch (type.kind) {
    case "name":
      return `${type.path}${argumentsOf(type.arguments)}`;
    case "union":
      return [...new Set(type.of.map(formatType))].sort().join(" | ");
    case "literal":
      return type.values
        .map((value) => JSON.stringify(value))
        .sort()
        .join(" | ");
    case "tuple":
      return `tuple[${[...type.of.map(formatType), ...restOf(type.rest)].join(", ")}]`;
    case "callable":
      return `(${type.parameters?.map(formatType).join(", ") ?? "..."}) -> ${formatType(type.returns)}`;
    case "variable":
      return type.name;
    case "unpack":
      return `*${formatType(type.of)}`;
    case "unknown":
      return type.text;
  }
}

function argumentsOf(types: readonly TypeNode[] | undefined): string {
  return types === undefined || types.length === 0 ? "" : `[${types.map(formatType).join(", ")}]`;
}

function restOf(rest: TypeNode | undefined): readonly string[] {
  return rest === undefined ? [] : [`*${formatType(rest)}`];
}

/** How one type is to another. `less` and `more` are certain: all of what one is, the other is too. */
export type Relation = "same" | "less" | "more" | "unclear";

/** What became of a type: fewer things are of it, more, or nobody can say. */
export function relate(before: TypeNode | undefined, after: TypeNode | undefined): Relation {
  if (formatType(before) === formatType(after)) return "same";
  const [old, now] = [partsOf(before), partsOf(after)];
  if (old === undefined || now === undefined) return "unclear";
  if (old.isSubsetOf(now)) return "more";
  return now.isSubsetOf(old) ? "less" : "unclear";
}

/** The members of a union; none where one of them is open. */
function partsOf(type: TypeNode | undefined): Parts | undefined {
  const types = type === undefined ? [] : type.kind === "union" ? type.of : [type];
  const texts: string[] = [];
  for (const each of types) {
    if (isOpen(each)) return undefined;
    if (each.kind === "literal") texts.push(...each.values.map((value) => JSON.stringify(value)));
    else texts.push(formatType(each));
  }
  return texts.length === 0 ? undefined : new Parts(texts);
}

function isOpen(type: TypeNode): boolean {
  if (type.kind === "name") return ANYTHING.has(type.path);
  return type.kind === "unknown" || type.kind === "variable" || type.kind === "unpack";
}

class Parts {
  readonly #texts: ReadonlySet<string>;

  constructor(texts: readonly string[]) {
    this.#texts = new Set(texts);
  }

  isSubsetOf(other: Parts): boolean {
    return [...this.#texts].every((text) => other.#texts.has(text));
  }
}
