import type { Dict, Judge } from "./judge.ts";
import type { ClassModel, FunctionModel, Member } from "./model.ts";
import {
  readDoc,
  readSignature,
  readSignatures,
  readTypeParameters,
  type Tables,
} from "./read-signature.ts";

/** Classes within classes; deeper ones are nobody's. */
const MAX_DEPTH = 32;
const BINDINGS: ReadonlySet<unknown> = new Set<FunctionModel["binding"]>([
  undefined,
  "instance",
  "class",
  "static",
]);
const NATURES: ReadonlySet<unknown> = new Set<ClassModel["nature"]>([
  undefined,
  "enum",
  "dataclass",
  "exception",
  "protocol",
  "typed-dict",
  "named-tuple",
]);

export function readMembers(judge: Judge, tables: Tables, value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) judge.refuse("members", `at most ${MAX_DEPTH} classes within each other`);
  const { at } = judge;
  for (const one of judge.list(value, "members")) {
    const member = judge.dict(one, "members");
    judge.at = at;
    judge.text(member["name"], "name of a member");
    judge.at = `${at}.${member["name"] as string}`;
    readMember(judge, tables, member, depth);
  }
  judge.at = at;
}

function readMember(judge: Judge, tables: Tables, member: Dict, depth: number): void {
  const kind = member["kind"] as Member["kind"];
  if (kind === "module" || kind === "alias") return judge.text(member["target"], "target");
  judge.text(member["path"], "path");
  switch (kind) {
    case "function":
      return readFunction(judge, tables, member);
    case "class":
      return readClass(judge, tables, member, depth);
    case "property":
      judge.flag(member["isReadonly"], "isReadonly");
      judge.flag(member["isStatic"], "isStatic");
      judge.optionalText(member["deprecated"], "deprecated");
      break;
    case "value":
      judge.optionalText(member["value"], "value");
      break;
    case "type":
      return readTypeAlias(judge, tables, member);
    default:
      judge.refuse("kind", "that of a member");
  }
  tables.types.resolve(member, "type");
  readDoc(judge, member["doc"]);
}

function readFunction(judge: Judge, tables: Tables, member: Dict): void {
  judge.flag(member["isAsync"], "isAsync");
  judge.flag(member["isGenerator"], "isGenerator");
  judge.flag(member["isAsyncGenerator"], "isAsyncGenerator");
  judge.oneOf(member["binding"], BINDINGS, "binding");
  judge.optionalText(member["deprecated"], "deprecated");
  readSignatures(judge, tables, member["signatures"]);
  if (member["runtime"] !== undefined) readSignature(judge, tables, member["runtime"]);
  readDoc(judge, member["doc"]);
}

export function readClass(judge: Judge, tables: Tables, member: Dict, depth = 0): void {
  judge.oneOf(member["nature"], NATURES, "nature");
  judge.optionalText(member["deprecated"], "deprecated");
  if (member["isAbstract"] !== undefined) judge.flag(member["isAbstract"], "isAbstract");
  tables.types.resolveAll(member, "bases");
  readTypeParameters(tables, member);
  readSignatures(judge, tables, member["constructors"]);
  if (member["runtime"] !== undefined) readSignature(judge, tables, member["runtime"]);
  readDoc(judge, member["doc"]);
  readMembers(judge, tables, member["members"], depth + 1);
}

export function readTypeAlias(judge: Judge, tables: Tables, member: Dict): void {
  readTypeParameters(tables, member);
  if (member["target"] === undefined) judge.refuse("target", "the number of a type");
  tables.types.resolve(member, "target");
}
