import type { ClassModel, NameType, TypeNode } from "../model/index.ts";
import { valueBase } from "./base.ts";
import { arrayOf, MOST_DEPTH, SELF, type TypeContext, type TypeFile, unionOf } from "./context.ts";
import { containerOf, knownType } from "./known-types.ts";
import { genericsOfClass, placeholder } from "./generics.ts";
import type { Declared } from "./scope.ts";

const ANY = "PyAny";

/** What a call gives: a part of a union of what it may be. */
interface Part {
  /** What awaiting gives. */
  readonly value: string;
  /** What can be asked for before; of nothing that has no declarations. */
  readonly members?: string | undefined;
  /** What going through it gives. */
  readonly item?: string | undefined;
}

/** The type of a value that Python gives, once it is awaited. */
export function printOutput(
  file: TypeFile,
  node: TypeNode | undefined,
  context: TypeContext,
): string {
  const parts = node === undefined ? [{ value: ANY }] : partsOf(file, node, context);
  return file.use(
    unionOf(
      parts.map(({ value }) => value),
      ANY,
    ),
  );
}

/** The type of what a call or an attribute is before it is awaited. */
export function printStep(
  file: TypeFile,
  node: TypeNode | undefined,
  context: TypeContext,
): string {
  const parts = node === undefined ? [{ value: ANY }] : partsOf(file, node, context);
  const value = unionOf(
    parts.map((one) => one.value),
    ANY,
  );
  const items = [...new Set(parts.flatMap(({ item }) => item ?? []))];
  const item = items.length === 1 && parts.length === 1 ? items[0] : undefined;
  if (value === ANY && item === undefined) return file.use("PyChain<PyAny>");
  const members = [...new Set(parts.flatMap((one) => one.members ?? []))];
  if (members.length === 0) {
    return file.use(
      item === undefined ? `PyPending<${value}>` : `PyPending<${value}, unknown, ${item}>`,
    );
  }
  const all = members.join(" | ");
  return file.use(value === `${all} & PyLive` ? `PyStep<${all}>` : `PyStep<${all}, ${value}>`);
}

function partsOf(file: TypeFile, node: TypeNode, context: TypeContext): readonly Part[] {
  switch (node.kind) {
    case "name":
      return partsOfName(file, node, context);
    case "union":
      return node.of.flatMap((one) => partsOf(file, one, context));
    case "literal":
      return node.values.map((value) => ({ value: JSON.stringify(value) }));
    case "tuple": {
      const values = node.of.map((one) => printOutput(file, one, context));
      if (node.rest !== undefined) {
        values.push(`...${arrayOf(printOutput(file, node.rest, context))}`);
      }
      const [only] = values;
      const isRest = node.of.length === 0 && only !== undefined;
      return [{ value: isRest ? `readonly ${only.slice(3)}` : `readonly [${values.join(", ")}]` }];
    }
    case "callable":
      return [{ value: "PyObject" }];
    case "variable":
      return partsOfVariable(file, node.name, context);
    case "unpack":
    case "unknown":
      return [{ value: ANY }];
  }
}

function partsOfVariable(file: TypeFile, name: string, context: TypeContext): readonly Part[] {
  if (context.generic?.has(name) === true) return [{ value: name }];
  const { depth = 0 } = context;
  if (depth >= MOST_DEPTH) return [{ value: ANY }];
  const given = context.given?.get(name);
  if (given !== undefined) {
    return partsOf(file, given, { ...context, depth: depth + 1, given: undefined });
  }
  if (context.produced?.has(name) === true) return [{ value: placeholder(name) }];
  const { bound, constraints = [] } = context.parameters?.get(name) ?? {};
  const possible = bound === undefined ? constraints : [bound];
  // Scalars of NumPy are values, of whatever class they are.
  const isScalar = possible.some((one) => one.kind === "name" && one.path.startsWith("numpy."));
  if (possible.length === 0 || isScalar) return [{ value: ANY }];
  return possible.flatMap((one) => partsOf(file, one, { ...context, depth: depth + 1 }));
}

/** A class by its name, with what stands for its type parameters where that is known. */
export function printReference(
  file: TypeFile,
  declared: Declared,
  node: NameType,
  context: TypeContext,
): string {
  const name = file.reference(declared);
  if (declared.model.kind !== "class" || node.arguments === undefined) return name;
  const { depth = 0 } = context;
  const generics = depth >= MOST_DEPTH ? [] : genericsOfClass(declared.model);
  const inner = { ...context, depth: depth + 1 };
  const given = generics.map(({ index }) => printOutput(file, node.arguments?.[index], inner));
  return given.every((one) => one === ANY) ? name : `${name}<${given.join(", ")}>`;
}

function partsOfName(file: TypeFile, node: NameType, context: TypeContext): readonly Part[] {
  const { path } = node;
  if (path === "typing.Self") return [selfPart(file, context)];
  if (path === "builtins.type") return [classPart(file, node)];
  const declared = file.declared(path);
  if (declared?.model.kind === "type") return partsOfAlias(file, declared, node, context);
  const members =
    declared === undefined || path === "builtins.object"
      ? undefined
      : printReference(file, declared, node, context);
  const container = containerOf(path);
  if (container !== undefined) return [{ members, ...containerPart(file, node, context) }];
  const known = knownType(path) ?? (declared && knownType(declared.path));
  if (known !== undefined) {
    if (known.output === ANY && members !== undefined && path !== "typing.Any") {
      return [{ value: `${members} & PyLive`, members }];
    }
    return [{ value: known.output, members }];
  }
  if (declared?.model.kind !== "class") return [{ value: ANY }];
  return [instancePart(file, declared, declared.model, node, context)];
}

/** Each derived class declares what gives itself anew, as \`this\` would be a live object where it is that. */
function selfPart(file: TypeFile, context: TypeContext): Part {
  const { self, isInstance } = context;
  const declared = self && file.declared(self.path);
  if (self === undefined || declared === undefined) return { value: ANY };
  const [plain] = partsOfName(file, { kind: "name", path: self.path }, context);
  if (plain === undefined) return { value: ANY };
  const isLive = plain.value === `${plain.members} & PyLive`;
  return isInstance === true && isLive ? { value: `${SELF} & PyLive`, members: SELF } : plain;
}

function classPart(file: TypeFile, { arguments: given }: NameType): Part {
  const [of] = given ?? [];
  const declared = of?.kind === "name" ? file.declared(of.path) : undefined;
  if (declared?.model.kind !== "class") return { value: "PyObject" };
  const members = file.reference(declared, "$class");
  return { value: `${members} & PyLive`, members };
}

function instancePart(
  file: TypeFile,
  declared: Declared,
  model: ClassModel,
  node: NameType,
  context: TypeContext,
): Part {
  const members = printReference(file, declared, node, context);
  switch (model.nature) {
    case "enum":
      return { value: "string | number", members };
    case "typed-dict":
      return { value: "{ [name: string]: PyAny }" };
    case "named-tuple":
    case "dataclass":
      return { value: file.reference(declared, "$fields"), members };
    default: {
      const base = valueBase(file, model);
      if (base === undefined) return { value: `${members} & PyLive`, members };
      const { value } = partsOfName(file, { kind: "name", path: base }, context)[0] ?? {
        value: ANY,
      };
      return { value, members };
    }
  }
}

function partsOfAlias(
  file: TypeFile,
  { model, path }: Declared,
  node: NameType,
  context: TypeContext,
): readonly Part[] {
  const { depth = 0, within } = context;
  // What an alias contains of itself is not told, as it would have no end.
  const isEnd = depth >= MOST_DEPTH || within?.has(path) === true;
  if (model.kind !== "type" || isEnd) return [{ value: ANY }];
  const given = new Map<string, TypeNode>();
  for (const [index, { name, default: otherwise }] of (model.typeParameters ?? []).entries()) {
    const argument = node.arguments?.[index] ?? otherwise;
    // Variables of the place where the alias is used are not those of the alias.
    if (argument !== undefined && argument.kind !== "variable") given.set(name, argument);
  }
  const inner = { depth: depth + 1, within: new Set([...(within ?? []), path]), given };
  return partsOf(file, model.target, { ...context, ...inner });
}

function containerPart(file: TypeFile, node: NameType, context: TypeContext): Part {
  const [first, second] = node.arguments ?? [];
  const element = printOutput(file, first, context);
  switch (containerOf(node.path)) {
    case "list":
      return { value: arrayOf(element) };
    case "tuple":
      return { value: `readonly ${arrayOf(element)}` };
    case "set":
      return { value: `Set<${element}>` };
    case "map": {
      const value = printOutput(file, second, context);
      const object = `{ [key: string]: ${value} }`;
      if (element === "string") return { value: object };
      return {
        value: element === ANY ? `${object} | Map<PyAny, ${value}>` : `Map<${element}, ${value}>`,
      };
    }
    case "iterator":
      return { value: `PyLive<${element}>`, item: element };
    case "iterable":
      return { value: ANY, item: element };
    default:
      return { value: printOutput(file, node.arguments?.at(-1), context) };
  }
}
