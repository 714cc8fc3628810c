import type { ClassModel, FunctionModel, Member } from "../model/index.ts";
import type { TypeContext, TypeFile } from "./context.ts";
import { documentationOf } from "./links.ts";
import { isProperty, propertyName } from "./names.ts";
import { printComment } from "./print-doc.ts";
import { printStep } from "./print-output.ts";
import {
  type DeclareKeywords,
  printSignatures,
  printUnknownCall,
  signaturesOf,
} from "./print-signature.ts";

/** A member of an interface: what it says, and what is said about it. */
export interface PrintedMember {
  readonly name: string;
  /** Its declarations without comments, which tell whether two members are the same. */
  readonly text: string;
  readonly comment: string;
}

/** What members are printed for. */
export interface MemberPlace {
  readonly file: TypeFile;
  readonly context: TypeContext;
  /** Path of the module, which documentation is ordered by. */
  readonly module: string;
  /** For the names of what is declared beside: `DataFrame`, `linalg$module`. */
  readonly owner: string;
  readonly declareKeywords: (name: string) => DeclareKeywords;
}

/** A member as it is declared; nothing for what cannot be reached as a property, and for what is a declaration of its own. */
export function printMember(place: MemberPlace, member: Member): PrintedMember | undefined {
  const { file, context } = place;
  const { name } = member;
  if (!isProperty(name)) return undefined;
  switch (member.kind) {
    case "function":
      return printFunction(place, member, propertyName(name));
    case "class":
      return printClassMember(place, name, member);
    case "property":
    case "value": {
      const comment = commentOf(place, member);
      return attributeOf(name, printStep(file, member.type, context), comment);
    }
    case "module":
      return attributeOf(name, moduleStep(file, member.target), "");
    case "alias":
      return printAlias(place, name, member.target);
    case "type":
      return attributeOf(name, file.use("PyChain<PyAny>"), "");
  }
}

function attributeOf(name: string, type: string, comment: string): PrintedMember {
  return { name, text: `  readonly ${propertyName(name)}: ${type};\n`, comment };
}

function commentOf(
  { file, module }: MemberPlace,
  member: Extract<Member, { readonly path: string }>,
): string {
  return printComment(
    {
      doc: "doc" in member ? member.doc : undefined,
      deprecated: "deprecated" in member ? member.deprecated : undefined,
      parameters:
        member.kind === "function" ? (signaturesOf(member)[0]?.parameters ?? []) : undefined,
      link:
        member.kind === "function" || member.kind === "class"
          ? documentationOf(file.library.model, member.path, module)
          : undefined,
    },
    "  ",
  );
}

/** A function or method. As a value it is what `name` says, or a call signature where that is empty. */
export function printFunction(
  place: MemberPlace,
  model: FunctionModel,
  name: string,
): PrintedMember {
  const { file, context } = place;
  const comment = commentOf(place, model);
  const callee = { doc: model.doc, declareKeywords: place.declareKeywords(model.name) };
  const printed = printSignatures(file, signaturesOf(model), context, callee);
  const all =
    printed.length > 0 ? printed.map(({ text }) => text) : [printUnknownCall(file, undefined)];
  const objects = name === "" ? undefined : ufuncOf(file, model);
  const text =
    objects === undefined
      ? all.map((one) => `  ${name}${one};\n`).join("")
      : `  readonly ${name}: ${objects} & {\n${all.map((one) => `    ${one};\n`).join("")}  };\n`;
  return { name: model.name, text, comment };
}

/** Universal functions of NumPy are objects with methods of their own: `np.add.reduce`. */
function ufuncOf(file: TypeFile, { signatures }: FunctionModel): string | undefined {
  if (file.library.model.name !== "numpy") return undefined;
  const isUfunc = signatures.some(({ parameters }) =>
    parameters.some(
      ({ type }) =>
        type?.kind === "unpack" &&
        type.of.kind === "name" &&
        type.of.path.startsWith("numpy._typing._ufunc."),
    ),
  );
  const declared = isUfunc ? file.declared("numpy.ufunc") : undefined;
  return declared && file.use(`PyStep<${file.reference(declared)}>`);
}

function printClassMember(place: MemberPlace, name: string, model: ClassModel): PrintedMember {
  const { file } = place;
  const declared = file.declared(model.path);
  const step =
    declared === undefined ? "PyChain<PyObject>" : `PyStep<${file.reference(declared, "$class")}>`;
  return attributeOf(name, file.use(step), commentOf(place, model));
}

function moduleStep(file: TypeFile, target: string): string {
  const found = file.find(target);
  const name = found?.kind === "module" ? file.library.names.of(found.path) : undefined;
  return file.use(name === undefined ? "PyChain<PyObject>" : `PyStep<${name}>`);
}

/** The type of a member where it is declared, so that its other names say nothing twice. */
function describedAt(file: TypeFile, path: string, member: Member): string | undefined {
  const end = path.lastIndexOf(".");
  const module = path.slice(0, end);
  if (member.kind !== "function" || !file.library.names.modules.has(module)) return undefined;
  const owner = file.library.names.of(module);
  const declared = isProperty(member.name) && path.slice(end + 1) === member.name;
  return declared ? `${owner}[${JSON.stringify(member.name)}]` : undefined;
}

function summaryOf(member: Member): string {
  const doc = "doc" in member ? member.doc : undefined;
  return printComment({ doc: doc && { summary: doc.summary } }, "  ");
}

function printAlias(place: MemberPlace, name: string, target: string): PrintedMember {
  const { file } = place;
  const found = file.find(target);
  if (found === undefined) return attributeOf(name, file.use("PyChain<PyAny>"), "");
  if (found.kind === "module") return attributeOf(name, moduleStep(file, target), "");
  const { member } = found;
  const described = describedAt(file, found.path, member);
  if (described !== undefined) return attributeOf(name, described, summaryOf(member));
  if (member.kind === "class") return printClassMember(place, name, member);
  if (member.kind === "function" || member.kind === "property" || member.kind === "value") {
    const printed = printMember(place, { ...member, name } as Member);
    if (printed !== undefined) return printed;
  }
  return attributeOf(name, file.use("PyChain<PyAny>"), "");
}
