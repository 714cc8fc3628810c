import type { Parameter, Signature } from "../model/index.ts";

/** A signature as Python writes it, without types: `(x, ord=None, *, keepdims=False)`. */
export function signatureText({ parameters }: Signature): string {
  return `(${partsOf(parameters, parameterText).join(", ")})`;
}

/** Parameters as Python separates them: with `/` behind those that go by position alone, and `*` before those that go by name alone. */
export function partsOf(
  parameters: readonly Parameter[],
  textOf: (parameter: Parameter) => string,
): string[] {
  const parts: string[] = [];
  let kind: Parameter["kind"] | undefined;
  for (const parameter of parameters) {
    if (kind === "positional" && parameter.kind !== "positional") parts.push("/");
    if (parameter.kind === "keyword" && kind !== "keyword" && kind !== "rest") parts.push("*");
    parts.push(textOf(parameter));
    ({ kind } = parameter);
  }
  if (kind === "positional") parts.push("/");
  return parts;
}

/** Longer ones are shortened in messages. */
const LONGEST = 120;

/** The same for messages: of a long one, only the parameters that are named, `…` for the others. */
export function shortSignatureText(signature: Signature, named: readonly string[]): string {
  const whole = signatureText(signature);
  if (whole.length <= LONGEST) return whole;
  const parts: string[] = [];
  for (const parameter of signature.parameters) {
    if (named.includes(parameter.name)) parts.push(parameterText(parameter));
    else if (parts.at(-1) !== "…") parts.push("…");
  }
  return `(${parts.join(", ")})`;
}

function parameterText({ name, kind, isOptional, default: otherwise }: Parameter): string {
  if (kind === "rest") return `*${name}`;
  if (kind === "keywords") return `**${name}`;
  return isOptional ? `${name}=${otherwise ?? "..."}` : name;
}
