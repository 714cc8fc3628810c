import type { Parameter, Signature } from "../model/index.ts";

/** A signature as Python writes it, without types: `(x, ord=None, *, keepdims=False)`. */
export function signatureText({ parameters }: Signature): string {
  const parts: string[] = [];
  let kind: Parameter["kind"] | undefined;
  for (const parameter of parameters) {
    if (kind === "positional" && parameter.kind !== "positional") parts.push("/");
    if (parameter.kind === "keyword" && kind !== "keyword" && kind !== "rest") parts.push("*");
    parts.push(parameterText(parameter));
    ({ kind } = parameter);
  }
  if (kind === "positional") parts.push("/");
  return `(${parts.join(", ")})`;
}

function parameterText({ name, kind, isOptional, default: otherwise }: Parameter): string {
  if (kind === "rest") return `*${name}`;
  if (kind === "keywords") return `**${name}`;
  return isOptional ? `${name}=${otherwise ?? "..."}` : name;
}
