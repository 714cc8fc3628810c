import type { ClassModel, FunctionModel, Member, PropertyModel } from "../model/index.ts";
import { lineage } from "./base.ts";
import { SELF, type TypeContext, withParameters } from "./context.ts";
import type { LibraryFile } from "./library-file.ts";
import { type Base, inherit, type Instance, repeat } from "./inherit.ts";
import { documentationOf } from "./links.ts";
import { propertyName } from "./names.ts";
import { printComment } from "./print-doc.ts";
import {
  type MemberPlace,
  type PrintedMember,
  printFunction,
  printMember,
} from "./print-members.ts";
import { printOutput, printStep } from "./print-output.ts";
import { printSignatures, printUnknownCall } from "./print-signature.ts";
import type { Declared } from "./scope.ts";

/** What instances have, as an interface that goes by those of the bases. */
export function printInstance(file: LibraryFile, declared: Declared, model: ClassModel): string {
  const { own, bases, isOpen } = instanceOf(file, declared, model, new Set());
  const name = file.reference(declared);
  const classes = lineage(file, model)
    .filter(
      (path, index) => index === 0 || (path !== "typing.Generic" && path !== "typing.Protocol"),
    )
    .map((path) => JSON.stringify(path));
  const comment = commentOf(file, model);
  const heritage = bases.length === 0 ? "" : ` extends ${bases.join(", ")}`;
  const open = isOpen ? `  readonly [attribute: string]: ${file.use("PyAny")};\n` : "";
  const brand = `  readonly "~class": ${file.use(`PyClass<${classes.join(" | ")}>`)};\n`;
  const members = own
    .map(({ comment: about, text }) => about + text.replaceAll(SELF, name))
    .join("");
  return `${comment}export interface ${name}${heritage} {\n${brand}${open}${members}}\n`;
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
  const printed = printSignatures(file, model.constructors, place.context, {
    doc: model.doc,
    declareKeywords: place.declareKeywords("new"),
    result,
  });
  const calls =
    printed.length > 0 ? printed.map(({ text }) => text) : [printUnknownCall(file, result)];
  const comment = commentOf(file, model);
  const lines = [
    ...calls.map((text) => `${indented(comment)}  ${text};\n`),
    ...[...members.values()].map(({ comment: about, text }) => about + text),
  ];
  return `export interface ${name} {\n${lines.join("")}}\n`;
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
  const context: TypeContext = withParameters(
    { self: { path, model }, isInstance },
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
    found.set(one.path, { name: file.reference(one), instance });
  }
  return [...found.values()];
}
