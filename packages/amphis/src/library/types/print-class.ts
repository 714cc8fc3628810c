import type {
  ClassModel,
  FunctionModel,
  Member,
  NameType,
  PropertyModel,
  Signature,
} from "../model/index.ts";
import { lineage } from "./base.ts";
import { SELF, type TypeContext, withParameters } from "./context.ts";
import type { LibraryFile } from "./library-file.ts";
import { type Base, inherit, type Instance, repeat } from "./inherit.ts";
import { genericsOfClass, itselfOf, placeholder, withPlaced } from "./generics.ts";
import { documentationOf } from "./links.ts";
import { propertyName } from "./names.ts";
import { printComment } from "./print-doc.ts";
import {
  type MemberPlace,
  type PrintedMember,
  printFunction,
  printMember,
} from "./print-members.ts";
import { printOutput, printReference, printStep } from "./print-output.ts";
import { printSignatures, printUnknownCall } from "./print-signature.ts";
import type { Declared } from "./scope.ts";

/** What instances have, as an interface that goes by those of the bases. */
export function printInstance(file: LibraryFile, declared: Declared, model: ClassModel): string {
  const { own, bases, isOpen } = instanceOf(file, declared, model, new Set());
  const name = file.reference(declared);
  const generics = genericsOfClass(model).map(({ parameter }) => parameter.name);
  const taken = generics.some((one) => file.library.names.isUsed(one));
  const parameters = new Map(generics.map((one) => [one, taken ? placeholder(one) : one]));
  const declaredAs = [...parameters.values()].map((one) => `${one} = ${file.use("PyAny")}`);
  const self = generics.length === 0 ? name : `${name}<${[...parameters.values()].join(", ")}>`;
  const classes = lineage(file, model)
    .filter(
      (path, index) => index === 0 || (path !== "typing.Generic" && path !== "typing.Protocol"),
    )
    .map((path) => JSON.stringify(path));
  const comment = commentOf(file, model);
  const heritage = bases.length === 0 ? "" : ` extends ${withPlaced(bases.join(", "), parameters)}`;
  const open = isOpen ? `  readonly [attribute: string]: ${file.use("PyAny")};\n` : "";
  const brand = `  readonly "~class": ${file.use(`PyClass<${classes.join(" | ")}>`)};\n`;
  const members = own
    .map(({ comment: about, text }) => about + withPlaced(text.replaceAll(SELF, self), parameters))
    .join("");
  const typed = declaredAs.length === 0 ? "" : `<${declaredAs.join(", ")}>`;
  return `${comment}export interface ${name}${typed}${heritage} {\n${brand}${open}${members}}\n`;
}

/** The class itself: how instances are made, and what can be reached without one. */
export function printClass(file: LibraryFile, declared: Declared, model: ClassModel): string {
  const name = file.reference(declared, "$class");
  const result = printStep(file, { kind: "name", path: declared.path }, {});
  const place = placeOf(file, declared, model, name, false);
  const members = new Map<string, PrintedMember>();
  for (const { model: one } of ancestry(file, declared, model)) {
    for (const member of one.members) {
      if (members.has(member.name) || !isStatic(member)) continue;
      const printed = printMember(place, member);
      if (printed !== undefined) members.set(member.name, printed);
    }
  }
  const constructed = { doc: model.doc, declareKeywords: place.declareKeywords("new") };
  const own = genericConstructors(declared, model);
  const printed =
    own === undefined
      ? printSignatures(file, model.constructors, place.context, { ...constructed, result })
      : printSignatures(file, own, place.context, constructed);
  const calls =
    printed.length > 0 ? printed.map(({ text }) => text) : [printUnknownCall(file, result)];
  const comment = commentOf(file, model);
  const lines = [
    ...calls.map((text) => `${indented(comment)}  ${text};\n`),
    ...[...members.values()].map(({ comment: about, text }) => about + text),
  ];
  return `export interface ${name} {\n${lines.join("")}}\n`;
}

/** Of a class whose type parameters TypeScript has too, arguments may tell what they are; nothing of others. */
function genericConstructors(
  { path }: Declared,
  model: ClassModel,
): readonly Signature[] | undefined {
  if (genericsOfClass(model).length === 0) return undefined;
  return model.constructors.map((one) => ({
    ...one,
    typeParameters: [...(one.typeParameters ?? []), ...(model.typeParameters ?? [])],
    returns: one.returns ?? itselfOf(path, model),
  }));
}

/** What an instance is once it has come over as a plain object. */
export function printFields(file: LibraryFile, declared: Declared, model: ClassModel): string {
  const lines = new Map<string, string>();
  for (const { model: one } of ancestry(file, declared, model)) {
    const context = withParameters({ self: { path: declared.path, model } }, one.typeParameters);
    for (const member of one.members) {
      if (!isField(member) || lines.has(member.name)) continue;
      const type = printOutput(file, member.type, context);
      lines.set(member.name, `  readonly ${propertyName(member.name)}: ${type};\n`);
    }
  }
  return `export interface ${file.reference(declared, "$fields")} {\n${[...lines.values()].join("")}}\n`;
}

function isField(member: Member): member is PropertyModel {
  return member.kind === "property" && !member.name.startsWith("_");
}

function commentOf(file: LibraryFile, model: ClassModel): string {
  const link = documentationOf(file.library.model, model.path, file.moduleOf(model.path));
  return printComment({ doc: model.doc, deprecated: model.deprecated, link }, "");
}

function indented(comment: string): string {
  return comment.replaceAll(/^(?=.)/gmu, "  ");
}

function placeOf(
  file: LibraryFile,
  { path }: Declared,
  model: ClassModel,
  owner: string,
  isInstance: boolean,
): MemberPlace {
  const produced = new Set(genericsOfClass(model).map(({ parameter }) => parameter.name));
  const context: TypeContext = withParameters(
    { self: { path, model }, isInstance, produced: isInstance ? produced : undefined },
    model.typeParameters,
  );
  return {
    file,
    context,
    owner,
    module: file.moduleOf(path),
    declareKeywords: (name) => file.keywordsOf(owner, name),
  };
}

/** A class and its bases that are declared, nearest first. */
function ancestry(
  file: LibraryFile,
  declared: Declared,
  model: ClassModel,
): readonly { readonly declared: Declared; readonly model: ClassModel }[] {
  const found = new Map<string, { readonly declared: Declared; readonly model: ClassModel }>();
  const open = [{ declared, model }];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (found.has(at.declared.path)) continue;
    found.set(at.declared.path, at);
    for (const base of at.model.bases) {
      const one = base.kind === "name" ? file.declared(base.path) : undefined;
      if (one?.model.kind === "class") open.push({ declared: one, model: one.model });
    }
  }
  return [...found.values()];
}

function isStatic(member: Member): boolean {
  switch (member.kind) {
    case "function":
      return member.binding !== "instance" && !isSpecial(member);
    case "property":
      return member.isStatic && !isSpecial(member);
    default:
      return !isSpecial(member);
  }
}

/** What Python's syntax is for has operators here. */
function isSpecial({ name }: Member): boolean {
  return name.startsWith("__");
}

function instanceOf(
  file: LibraryFile,
  declared: Declared,
  model: ClassModel,
  within: ReadonlySet<string>,
): Instance {
  const known = file.instances.get(declared.path);
  if (known !== undefined) return known;
  const place = placeOf(file, declared, model, file.reference(declared), true);
  const own = new Map<string, PrintedMember>();
  for (const member of model.members) {
    const printed = isSpecial(member) ? printCall(place, member) : printMember(place, member);
    if (printed !== undefined && !own.has(printed.name)) own.set(printed.name, printed);
  }
  const bases = basesOf(file, declared, model, new Set([...within, declared.path]));
  const isOpen = model.members.some(isOpening) || bases.some(({ instance }) => instance.isOpen);
  const instance = isOpen ? repeat(own, bases) : inherit(own, bases);
  file.instances.set(declared.path, instance);
  return instance;
}

/** Only stubs declare `__getattr__` to say that there are attributes that they do not know. */
function isOpening(member: Member): boolean {
  return (
    member.kind === "function" &&
    member.name === "__getattr__" &&
    member.signatures.some(({ source }) => source === "stub")
  );
}

function printCall(place: MemberPlace, member: Member): PrintedMember | undefined {
  if (member.kind !== "function" || member.name !== "__call__") return undefined;
  return printFunction(place, member satisfies FunctionModel, "");
}

function basesOf(
  file: LibraryFile,
  declared: Declared,
  model: ClassModel,
  within: ReadonlySet<string>,
): readonly Base[] {
  const found = new Map<string, Base>();
  for (const base of model.bases) {
    const one = base.kind === "name" ? file.declared(base.path) : undefined;
    if (one?.model.kind !== "class" || within.has(one.path) || one.path === "builtins.object") {
      continue;
    }
    if (one.path === declared.path || found.has(one.path)) continue;
    // Also of another library it is printed as this file names things, as it may be repeated here.
    const instance = instanceOf(file, one, one.model, within);
    const { context } = placeOf(file, declared, model, "", true);
    const node = base.kind === "name" ? base : { kind: "name" as const, path: one.path };
    const types = argumentsOf(file, one.model, node, context);
    found.set(one.path, {
      name: printReference(file, one, node, context),
      instance: placedIn(instance, types),
    });
  }
  return [...found.values()];
}

/** What stands for the type parameters of a base. */
function argumentsOf(
  file: LibraryFile,
  model: ClassModel,
  { arguments: given }: NameType,
  context: TypeContext,
): ReadonlyMap<string, string> {
  const entries = genericsOfClass(model).map(
    ({ parameter, index }) => [parameter.name, printOutput(file, given?.[index], context)] as const,
  );
  return new Map(entries);
}

/** The members of a base, with what stands for its type parameters. */
function placedIn(instance: Instance, types: ReadonlyMap<string, string>): Instance {
  if (types.size === 0) return instance;
  const placed = (member: PrintedMember): PrintedMember => ({
    ...member,
    text: withPlaced(member.text, types),
  });
  const all = [...instance.all].map(([key, member]) => [key, placed(member)] as const);
  return { ...instance, own: instance.own.map(placed), all: new Map(all) };
}
