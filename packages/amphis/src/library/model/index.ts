export { readLibrary } from "./read.ts";
export { findMember, membersOf, nearMembers } from "./lookup.ts";
export type { FoundMember } from "./lookup.ts";
export { searchLibraries } from "./search.ts";
export type { SearchHit, SearchOptions } from "./search.ts";
export { MODEL_FORMAT } from "./model.ts";
export type {
  AliasModel,
  ClassModel,
  Doc,
  DocParameter,
  DocRaise,
  FunctionModel,
  LibraryModel,
  Member,
  ModuleLink,
  ModuleModel,
  Parameter,
  PropertyModel,
  Signature,
  TypeAliasModel,
  ValueModel,
} from "./model.ts";
export type {
  CallableType,
  LiteralType,
  NameType,
  TupleType,
  TypeNode,
  TypeParameter,
  UnionType,
  UnknownType,
  UnpackType,
  VariableType,
} from "./type-node.ts";
