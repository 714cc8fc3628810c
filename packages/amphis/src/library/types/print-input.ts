import type { NameType, TypeNode } from "../model/index.ts";
import { valueBase } from "./base.ts";
import { MOST_DEPTH, type TypeContext, type TypeFile, unionOf } from "./context.ts";
import { containerOf, knownType } from "./known-types.ts";
import { printOutput } from "./print-output.ts";
import type { Declared } from "./scope.ts";

const ANY = "PyInput";

/** What a parameter of a type takes: values, chains and live objects. */
export function printArgument(
  file: TypeFile,
  node: TypeNode | undefined,
  context: TypeContext,
): string {
  const text = node === undefined ? ANY : printInput(file, node, context);
  return wrapped(file, text);
}

function wrapped(file: TypeFile, text: string): string {
  return text === ANY ? file.use(ANY) : file.use(`PyArgument<${text}>`);
}

/** The values of a type that TypeScript can give, and the live objects; chains are not among them. */
export function printInput(file: TypeFile, node: TypeNode, context: TypeContext): string {
  return file.use(inputOf(file, node, context));
}

function inputOf(file: TypeFile, node: TypeNode, context: TypeContext): string {
  switch (node.kind) {
    case "name":
      return inputOfName(file, node, context);
    case "union":
      return unionOf(
        node.of.map((one) => inputOf(file, one, context)),
        ANY,
      );
    case "literal":
      return unionOf(
        node.values.map((value) => JSON.stringify(value)),
        ANY,
      );
    case "tuple": {
      const parts = node.of.map((one) => printArgument(file, one, context));
      if (node.rest !== undefined) parts.push(`...${printArgument(file, node.rest, context)}[]`);
      // What TypeScript cannot say of an array, it says of none.
      const [only] = parts;
      const isRest = node.of.length === 0 && only !== undefined;
      const array = isRest ? `readonly ${only.slice(3)}` : `readonly [${parts.join(", ")}]`;
      return `${array} | PyOperand`;
    }
    case "callable": {
      if (node.parameters === undefined) return "((...args: never) => unknown) | PyOperand";
      const parameters = node.parameters.map((one, index) =>
        one.kind === "unpack"
          ? `...args: never`
          : `arg${index}: ${printOutput(file, one, { ...context, produced: undefined })}`,
      );
      const isPlain = !node.parameters.some(
        (one, index) => one.kind === "unpack" && index !== (node.parameters ?? []).length - 1,
      );
      const taken = isPlain ? parameters.join(", ") : "...args: never";
      return `((${taken}) => unknown) | PyOperand`;
    }
    case "variable":
      return inputOfVariable(file, node.name, context);
    case "unpack":
    case "unknown":
      return ANY;
  }
}

function inputOfVariable(file: TypeFile, name: string, context: TypeContext): string {
  if (context.generic?.has(name) === true) return name;
  const { depth = 0 } = context;
  const inner = { ...context, depth: depth + 1 };
  if (depth >= MOST_DEPTH) return ANY;
  const given = context.given?.get(name);
  if (given !== undefined) return inputOf(file, given, { ...inner, given: undefined });
  const parameter = context.parameters?.get(name);
  if (parameter?.kind !== "type") return ANY;
  const { bound, constraints } = parameter;
  if (constraints !== undefined) {
    return unionOf(
      constraints.map((one) => inputOf(file, one, inner)),
      ANY,
    );
  }
  return bound === undefined ? ANY : inputOf(file, bound, inner);
}

function inputOfName(file: TypeFile, node: NameType, context: TypeContext): string {
  const { path } = node;
  if (path === "typing.Self") {
    const { self } = context;
    return self === undefined
      ? "PyOperand"
      : inputOfName(file, { kind: "name", path: self.path }, context);
  }
  const declared = file.declared(path);
  const known = knownType(path) ?? (declared && knownType(declared.path));
  // What is an array is a class too, where that is declared.
  if (known !== undefined) return joinInstance(known.input, declared);
  const container = containerOf(path);
  if (container !== undefined) return inputOfContainer(file, path, node, context);
  if (declared === undefined) return "PyOperand";
  return declared.model.kind === "type"
    ? file.inputAlias(declared)
    : inputOfClass(file, declared, context);
}

function joinInstance(input: string, declared: Declared | undefined): string {
  if (input === ANY || declared?.model.kind !== "class") return input;
  // Of what always travels as a value there are no objects, but for those that were kept on purpose.
  if (declared.path.startsWith("builtins.")) return input;
  return `${input} | ${instanceOf(declared)}`;
}

function instanceOf({ path }: Declared): string {
  return `PyInstance<${JSON.stringify(path)}>`;
}

function inputOfClass(file: TypeFile, declared: Declared, context: TypeContext): string {
  const { model } = declared;
  if (model.kind !== "class") return ANY;
  const instance = instanceOf(declared);
  switch (model.nature) {
    case "protocol":
      return ANY;
    case "typed-dict":
      return "{ readonly [name: string]: unknown }";
    case "enum":
      return `string | number | ${instance}`;
    case "named-tuple":
      return `readonly unknown[] | ${instance}`;
    default: {
      const base = valueBase(file, model);
      if (base === undefined) return instance;
      const value = inputOf(file, { kind: "name", path: base }, context);
      return value === ANY ? ANY : `${value} | ${instance}`;
    }
  }
}

const NUMBERS: ReadonlySet<string> = new Set(["PyNumber", "number | bigint", "boolean", ANY]);

function inputOfContainer(
  file: TypeFile,
  path: string,
  node: NameType,
  context: TypeContext,
): string {
  const [first, second] = node.arguments ?? [];
  const element = first === undefined ? ANY : inputOf(file, first, context);
  const item = element === ANY ? ANY : `PyArgument<${element}>`;
  const array = NUMBERS.has(element) ? " | PyArray" : "";
  const operand = path.startsWith("collections.abc.") ? " | PyOperand" : "";
  switch (containerOf(path)) {
    case "set":
      return `ReadonlySet<${item}>${operand}`;
    case "map": {
      const value = printArgument(file, second, context);
      return `{ readonly [key: string]: ${value} } | ReadonlyMap<${item}, ${value}>${operand}`;
    }
    case "iterable":
    case "iterator":
      return `Iterable<${item}> | AsyncIterable<${item}>${array}${operand}`;
    case "awaitable":
      return "PyOperand";
    default:
      return `readonly ${item}[]${array}${operand}`;
  }
}
