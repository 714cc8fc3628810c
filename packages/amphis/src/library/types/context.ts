import type { ClassModel, FoundMember, TypeNode, TypeParameter } from "../model/index.ts";
import type { Declared, Library } from "./scope.ts";

/** Where a type stands: what its names and variables mean there. */
export interface TypeContext {
  /** The class around it. */
  readonly self?: { readonly path: string; readonly model: ClassModel } | undefined;
  /** Whether `Self` is the type of an instance whose methods are declared here, or that of a class. */
  readonly isInstance?: boolean | undefined;
  /** Type parameters that the declaration has too. */
  readonly generic?: ReadonlySet<string> | undefined;
  readonly parameters?: ReadonlyMap<string, TypeParameter> | undefined;
  /** Type parameters of the class around it, which what its instances give may have. */
  readonly produced?: ReadonlySet<string> | undefined;
  /** What stands for the parameters of an alias. */
  readonly given?: ReadonlyMap<string, TypeNode> | undefined;
  /** How many aliases and variables stand around it. */
  readonly depth?: number | undefined;
  /** Paths of those aliases. */
  readonly within?: ReadonlySet<string> | undefined;
}

/** The file that types are printed for: it knows what it declares and what it must import. */
export interface TypeFile {
  readonly library: Library;
  /** Notes that a type of `amphis` is used, and gives it back. */
  use(text: string): string;
  find(path: string): FoundMember | undefined;
  declared(path: string): Declared | undefined;
  /** Name of what is declared, made known to this file. */
  reference(declared: Declared, suffix?: string): string;
  /** An alias as arguments take it: its name, or its text where that is short. */
  inputAlias(declared: Declared): string;
}

/** Stands for the class that a member is declared in, until that is known. */
export const SELF = "Self$";

/** Aliases within aliases; what is deeper is not told any more. */
export const MOST_DEPTH = 6;

export function withParameters(
  context: TypeContext,
  added: readonly TypeParameter[] | undefined,
): TypeContext {
  if (added === undefined || added.length === 0) return context;
  const parameters = new Map(context.parameters);
  for (const one of added) parameters.set(one.name, one);
  return { ...context, parameters };
}

/** The types that a union with these members has, in their order, each once. */
export function unionOf(parts: readonly string[], absorbing: string): string {
  const all = [...new Set(parts.flatMap(splitUnion))];
  if (all.includes(absorbing)) return absorbing;
  const left = all.length > 1 ? all.filter((one) => one !== "never") : all;
  return left.length === 0 ? "never" : left.join(" | ");
}

/** The members of a union at its top. */
function splitUnion(text: string): string[] {
  if (!text.includes(" | ")) return [text];
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
    } else if (char === '"') quote = char;
    else if ("([{<".includes(char)) depth += 1;
    else if (")]}".includes(char) || (char === ">" && text[at - 1] !== "=")) depth -= 1;
    else if (char === "|" && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

/** An array of these elements. */
export function arrayOf(element: string): string {
  return /^[\w$]+$/u.test(element) || /^[\w$]+<[^<>]*>$/u.test(element)
    ? `${element}[]`
    : `(${element})[]`;
}
