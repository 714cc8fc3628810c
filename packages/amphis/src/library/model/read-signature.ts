import type { Dict, Judge } from "./judge.ts";
import type { Parameter, Signature } from "./model.ts";
import type { Table } from "./table.ts";

/** What the parts of a packed model name by number. */
export interface Tables {
  readonly types: Table;
  readonly parameters: Table;
  readonly typeParameters: Table;
}

const SOURCES: ReadonlySet<unknown> = new Set<Signature["source"]>([
  "stub",
  "annotations",
  "runtime",
  "docstring",
]);
const KINDS: ReadonlySet<unknown> = new Set<Parameter["kind"]>([
  "positional",
  "any",
  "rest",
  "keyword",
  "keywords",
]);

/** Checks one parameter of a function. */
export function readParameter(judge: Judge, types: Table, parameter: Dict): number {
  judge.text(parameter["name"], "name of a parameter");
  judge.oneOf(parameter["kind"], KINDS, "kind of a parameter");
  judge.flag(parameter["isOptional"], "isOptional");
  judge.optionalText(parameter["default"], "default");
  return 1 + types.resolve(parameter, "type");
}

export function readSignatures(judge: Judge, tables: Tables, value: unknown): void {
  for (const one of judge.list(value, "signatures")) readSignature(judge, tables, one);
}

/** Checks one way to call something. */
export function readSignature(judge: Judge, tables: Tables, value: unknown): void {
  const signature = judge.dict(value, "signature");
  judge.oneOf(signature["source"], SOURCES, "source of a signature");
  judge.optionalText(signature["deprecated"], "deprecated");
  if (signature["isExact"] !== undefined) judge.flag(signature["isExact"], "isExact");
  readTypeParameters(tables, signature);
  tables.types.resolve(signature, "returns");
  tables.parameters.resolveAll(signature, "parameters");
}

export function readTypeParameters(tables: Tables, holder: Dict): void {
  const { typeParameters } = holder;
  if (typeParameters !== undefined) tables.typeParameters.resolveAll(holder, "typeParameters");
}

/** Checks what a docstring says, where it says anything. */
export function readDoc(judge: Judge, value: unknown): void {
  if (value === undefined) return;
  const doc = judge.dict(value, "doc");
  judge.optionalText(doc["summary"], "summary");
  judge.optionalText(doc["text"], "text");
  judge.optionalText(doc["returns"], "returns");
  judge.optionalText(doc["yields"], "yields");
  judge.optionalText(doc["examples"], "examples");
  if (doc["parameters"] !== undefined) readParts(judge, doc["parameters"], "name");
  if (doc["raises"] !== undefined) readParts(judge, doc["raises"], "type");
}

function readParts(judge: Judge, value: unknown, key: string): void {
  for (const one of judge.list(value, "doc")) {
    const part = judge.dict(one, "doc");
    judge.text(part[key], key);
    judge.optionalText(part["type"], "type");
    judge.text(part["text"], "text");
  }
}
