import type { Parameter, Signature, TypeNode } from "../model/index.ts";
import { partsOf } from "../signature/index.ts";

/** Longer signatures have a line for each parameter. */
const WIDTH = 76;
/** A type of an overload of an overload: nobody reads on. */
const LONGEST_TYPE = 2_000;

/** How something is called, as a stub of Python writes it: types, defaults, what it gives. */
export function pythonSignature(name: string, { parameters, returns }: Signature): string {
  const parts = partsOf(parameters, parameterText);
  const result = returns === undefined ? "" : ` -> ${pythonType(returns)}`;
  const line = `${name}(${parts.join(", ")})${result}`;
  if (line.length <= WIDTH || parts.length === 0) return line;
  return `${name}(\n${parts.map((part) => `    ${part},\n`).join("")})${result}`;
}

function parameterText(parameter: Parameter): string {
  const { name, kind, type, isOptional } = parameter;
  const stars = kind === "rest" ? "*" : kind === "keywords" ? "**" : "";
  const typed = type === undefined ? "" : `: ${pythonType(type)}`;
  if (!isOptional || stars !== "") return `${stars}${name}${typed}`;
  const otherwise = parameter.default ?? "...";
  return type === undefined ? `${name}=${otherwise}` : `${name}${typed} = ${otherwise}`;
}

/** A type as Python writes it. Names stand without their modules. */
export function pythonType(type: TypeNode): string {
  const text = typeText(type);
  return text.length <= LONGEST_TYPE ? text : `${text.slice(0, LONGEST_TYPE)}…`;
}

function typeText(type: TypeNode): string {
  switch (type.kind) {
    case "name":
      return `${lastOf(type.path)}${listed(type.arguments ?? [])}`;
    case "union":
      return type.of.map(typeText).join(" | ");
    case "literal":
      return `Literal[${type.values.map(literalText).join(", ")}]`;
    case "tuple": {
      const rest = type.rest === undefined ? [] : [typeText(type.rest), "..."];
      return `tuple[${[...type.of.map(typeText), ...rest].join(", ") || "()"}]`;
    }
    case "callable": {
      const parameters = type.parameters?.map(typeText).join(", ");
      return `Callable[${parameters === undefined ? "..." : `[${parameters}]`}, ${typeText(type.returns)}]`;
    }
    case "variable":
      return type.name;
    case "unpack":
      return `*${typeText(type.of)}`;
    case "unknown":
      return type.text;
  }
}

function listed(types: readonly TypeNode[]): string {
  return types.length === 0 ? "" : `[${types.map(typeText).join(", ")}]`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function literalText(value: string | number | boolean | null): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : String(value);
}
