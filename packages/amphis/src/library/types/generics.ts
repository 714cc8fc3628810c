import type { ClassModel, NameType, Signature, TypeNode, TypeParameter } from "../model/index.ts";

/**
 * Stands for a type parameter of a class in its members: a base is printed once, and what stands for its parameters is put in by those that
 * are derived from it. No name of Python ends like that.
 */
export function placeholder(name: string): string {
  return `${name}$$`;
}

/** Text in which types, or their names, stand for the parameters of a class. */
export function withPlaced(text: string, types: ReadonlyMap<string, string>): string {
  if (types.size === 0 || !text.includes("$$")) return text;
  return text.replaceAll(
    /(?<![\w$])([\p{ID_Start}_][\p{ID_Continue}]*)\$\$(?![\w$])/gu,
    (all, name: string) => types.get(name) ?? all,
  );
}

/** A type parameter of a class that TypeScript has too, and which of its arguments stands for it. */
export interface Generic {
  readonly parameter: TypeParameter;
  readonly index: number;
}

const known = new WeakMap<ClassModel, readonly Generic[]>();

/**
 * Type parameters of a class that say something about what its instances give: any type fits, and a member or a base has it.
 *
 * What travels as plain fields has none, nor has what has a bound: that says what is known of it.
 */
export function genericsOfClass(model: ClassModel): readonly Generic[] {
  const before = known.get(model);
  if (before !== undefined) return before;
  const { nature, typeParameters = [] } = model;
  const isObject = nature === undefined || nature === "protocol" || nature === "exception";
  const found = typeParameters
    .map((parameter, index) => ({ parameter, index }))
    .filter(({ parameter }) => isObject && isOpen(parameter) && isGiven(model, parameter.name));
  known.set(model, found);
  return found;
}

function isOpen({ kind, bound, constraints }: TypeParameter): boolean {
  return kind === "type" && bound === undefined && constraints === undefined;
}

function isGiven({ members, bases }: ClassModel, name: string): boolean {
  const inMember = members.some((member) => {
    if (member.kind === "function") {
      return member.signatures.some(({ returns }) => mentions(returns, name));
    }
    return member.kind === "property" && mentions(member.type, name);
  });
  return inMember || bases.some((base) => !isMark(base) && mentions(base, name));
}

/** What only says that a class has parameters. */
function isMark(base: TypeNode): boolean {
  return base.kind === "name" && /^typing\.(?:Generic|Protocol)$/u.test(base.path);
}

/** A class with its own parameters as arguments. */
export function itselfOf(path: string, model: ClassModel): NameType {
  const given = (model.typeParameters ?? []).map(({ name }): TypeNode => ({
    kind: "variable",
    name,
  }));
  return { kind: "name", path, arguments: given };
}

/** Type parameters that say something: any type fits, arguments tell it, and the result depends on it. */
export function genericsOfSignature({
  typeParameters = [],
  parameters,
  returns,
}: Signature): string[] {
  return typeParameters
    .filter(isOpen)
    .map(({ name }) => name)
    .filter(
      (name) => mentions(returns, name) && parameters.some(({ type }) => mentions(type, name)),
    );
}

/** As many ways to call as there are types that a parameter with constraints may be. */
const MOST_VARIANTS = 4;

/** What stands for those type parameters that may be one of a few types, on which the result depends: one way to call for each. */
export function variantsOf({
  typeParameters = [],
  parameters,
  returns,
}: Signature): readonly (ReadonlyMap<string, TypeNode> | undefined)[] {
  const [only, ...others] = typeParameters.filter(
    ({ name, constraints }) =>
      constraints !== undefined &&
      mentions(returns, name) &&
      parameters.some(({ type }) => mentions(type, name)),
  );
  const types = only?.constraints ?? [];
  if (only === undefined || others.length > 0 || types.length > MOST_VARIANTS) return [undefined];
  return types.map((type) => new Map([[only.name, type]]));
}

function mentions(node: unknown, variable: string): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { kind, name } = node as { readonly kind?: unknown; readonly name?: unknown };
  if (kind === "variable" && name === variable) return true;
  return Object.values(node).some((part) => mentions(part, variable));
}
