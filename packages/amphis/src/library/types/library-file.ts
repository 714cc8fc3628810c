import type { FoundMember, LibraryModel, Member, ModuleModel } from "../model/index.ts";
import { type TypeContext, type TypeFile, withParameters } from "./context.ts";
import { IMPORTABLE } from "./known-types.ts";
import type { Instance } from "./inherit.ts";
import { documentationOf } from "./links.ts";
import { printClass, printFields, printInstance } from "./print-class.ts";
import { printComment } from "./print-doc.ts";
import { printInput } from "./print-input.ts";
import { type MemberPlace, printMember } from "./print-members.ts";
import type { DeclareKeywords } from "./print-signature.ts";
import type { Declared, Libraries, Library } from "./scope.ts";

/** Aliases whose text is no longer than their name would be stand where they are used. */
const SHORT = 40;

/** The declarations of one library, made as they are asked for. */
export class LibraryFile implements TypeFile {
  readonly library: Library;
  /** What instances of its classes have, by path. */
  readonly instances: Map<string, Instance> = new Map();
  readonly #libraries: Libraries;
  readonly #files: ReadonlyMap<string, LibraryFile>;
  readonly #imported = new Set<string>();
  /** Declarations of other libraries: the name there, the name here, by file. */
  readonly #foreign = new Map<string, Map<string, string>>();
  readonly #declarations = new Map<string, string>();
  readonly #keywords = new Map<string, string>();
  /** Classes that are yet to be printed. */
  readonly #wanted = new Map<string, { readonly declared: Declared; readonly suffix: string }>();
  readonly #aliases = new Map<string, string>();
  #mentioned = new Map<string, FoundMember | undefined>();

  constructor(library: Library, libraries: Libraries, files: ReadonlyMap<string, LibraryFile>) {
    this.library = library;
    this.#libraries = libraries;
    this.#files = files;
  }

  use(text: string): string {
    for (const [name] of text.matchAll(/[\w$]+/gu)) this.#imported.add(name);
    return text;
  }

  find(path: string): FoundMember | undefined {
    if (!this.#mentioned.has(path)) {
      this.#mentioned.set(path, this.#libraries.find(this.library, path)?.found);
    }
    return this.#mentioned.get(path);
  }

  declared(path: string): Declared | undefined {
    return this.#libraries.declared(this.library, path);
  }

  fileOf({ library }: Declared): LibraryFile {
    return this.#files.get(library.model.name) ?? this;
  }

  reference(declared: Declared, suffix = ""): string {
    const owner = this.fileOf(declared);
    const name = `${declared.library.names.of(declared.path)}${suffix}`;
    owner.#want(name, declared, suffix);
    return owner === this ? name : this.#import(owner, name);
  }

  inputAlias(declared: Declared): string {
    const owner = this.fileOf(declared);
    const text = owner.#aliasText(declared);
    if (owner === this && text.length <= SHORT) return text;
    if (text === "PyInput") return text;
    const name = declared.library.names.of(declared.path) ?? "";
    owner.#declarations.set(name, `export type ${name} = ${text};\n`);
    return owner === this ? name : this.#import(owner, name);
  }

  keywordsOf(owner: string, name: string): DeclareKeywords {
    const known = new Map<string, string>();
    return (body) => {
      const before = known.get(body);
      if (before !== undefined) return before;
      const stem = `${owner}$${name.replaceAll(/[^\w$]/gu, "_")}$kw`;
      let unique = stem;
      for (let count = 2; ; count += 1) {
        const taken = this.#keywords.get(unique);
        if (taken === undefined || taken === body) break;
        unique = `${stem}${count}`;
      }
      known.set(body, unique);
      this.#keywords.set(unique, body);
      return unique;
    };
  }

  /** The module in which something is described. */
  moduleOf(path: string): string {
    let outer = path;
    while (outer !== "" && !this.library.names.modules.has(outer)) {
      outer = outer.slice(0, Math.max(0, outer.lastIndexOf(".")));
    }
    return outer === "" ? this.library.model.name : outer;
  }

  /** One member, without what is said about it. For a file that is asked for nothing else. */
  memberText(path: string, member: Member): string | undefined {
    this.#keywords.clear();
    const outer = path.slice(0, path.lastIndexOf("."));
    const self = this.declared(outer);
    const place: MemberPlace = {
      file: this,
      context:
        self?.model.kind === "class"
          ? withParameters(
              { self: { path: self.path, model: self.model } },
              self.model.typeParameters,
            )
          : {},
      module: this.moduleOf(path),
      owner: outer.replaceAll(".", "$"),
      declareKeywords: (name) => this.keywordsOf(outer.replaceAll(".", "$"), name),
    };
    if (member.kind === "class") {
      const declared = this.declared(member.path);
      return declared && printClass(this, declared, member);
    }
    const printed = printMember(place, member);
    const keywords = [...this.#keywords].map(
      ([name, body]) => `interface ${name} ${body.trimStart()}\n`,
    );
    return printed && [printed.text, ...keywords].join("\n");
  }

  /** Declares the modules, and what they name. */
  declareModules(): void {
    for (const module of this.library.model.modules) this.#declareModule(module);
  }

  /** Declares what was asked for since. False when that was nothing. */
  declareWanted(): boolean {
    let isMore = false;
    for (const [name, { declared, suffix }] of this.#wanted) {
      if (this.#declarations.has(name) || declared.model.kind !== "class") continue;
      isMore = true;
      const print = suffix === "" ? printInstance : suffix === "$class" ? printClass : printFields;
      this.#declarations.set(name, print(this, declared, declared.model));
    }
    return isMore;
  }

  /** The whole file. */
  text(version: string, imports: readonly (readonly [name: string, path: string])[]): string {
    const { model } = this.library;
    const parts = [headerOf(model, version), this.#imports(), this.#augmentation(imports)];
    const declarations = [...this.#declarations].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const used = namesIn(declarations.map(([, text]) => text));
    const keywords = [...this.#keywords]
      .filter(([name]) => used.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    parts.push(
      ...declarations.map(([, text]) => text),
      ...keywords.map(
        ([name, body]) =>
          `export interface ${name}${body.startsWith("<") ? "" : " "}${body.trimStart()}\n`,
      ),
    );
    return parts.filter((part) => part !== "").join("\n");
  }

  #want(name: string, declared: Declared, suffix: string): void {
    if (!this.#wanted.has(name)) this.#wanted.set(name, { declared, suffix });
  }

  #import(owner: LibraryFile, name: string): string {
    const library = owner.library.model.name;
    const names = this.#foreign.get(library) ?? new Map<string, string>();
    this.#foreign.set(library, names);
    const here = `${library}$$${name}`;
    names.set(name, here);
    return here;
  }

  /** An alias that leads back to itself takes anything there. */
  #aliasText({ path, model }: Declared): string {
    const known = this.#aliases.get(path);
    if (known !== undefined || model.kind !== "type") return known ?? "PyInput";
    this.#aliases.set(path, "PyInput");
    const context: TypeContext = withParameters({}, model.typeParameters);
    const text = printInput(this, model.target, context);
    this.#aliases.set(path, text);
    return text;
  }

  #declareModule(module: ModuleModel): void {
    const { path } = module;
    const owner = this.library.names.of(path) ?? "";
    const place: MemberPlace = {
      file: this,
      context: {},
      module: path,
      owner,
      declareKeywords: (name) => this.keywordsOf(owner, name),
    };
    const members = module.members.flatMap((member) => {
      if (member.kind === "type") {
        const declared = this.declared(member.path);
        if (declared !== undefined) this.inputAlias(declared);
      }
      const printed = printMember(place, member);
      return printed === undefined ? [] : [printed.comment + printed.text];
    });
    const comment = printComment(
      { doc: module.doc, deprecated: module.deprecated, link: this.#linkOf(path) },
      "",
    );
    this.#declarations.set(owner, `${comment}export interface ${owner} {\n${members.join("")}}\n`);
  }

  #linkOf(path: string): string | undefined {
    const { model } = this.library;
    const link = documentationOf(model, path, path);
    return link?.startsWith("https://docs.python.org/") === true
      ? link.split("#", 1)[0]
      : undefined;
  }

  #imports(): string {
    const names = IMPORTABLE.filter((name) => this.#imported.has(name));
    const lines = [
      `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "amphis";\n`,
    ];
    for (const [library, listed] of [...this.#foreign].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const all = [...listed].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const text = all.map(([there, here]) => `  ${there} as ${here},\n`).join("");
      lines.push(`import type {\n${text}} from "./${library}.js";\n`);
    }
    return lines.join("");
  }

  #augmentation(imports: readonly (readonly [name: string, path: string])[]): string {
    if (imports.length === 0) return "";
    const entries = imports.map(
      ([name, path]) => `    ${JSON.stringify(name)}: ${this.library.names.of(path)};\n`,
    );
    return `declare module "amphis" {\n  interface PythonModules {\n${entries.join("")}  }\n}\n`;
  }
}

function namesIn(texts: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const text of texts) for (const [name] of text.matchAll(/[\w$]+\$kw\d*/gu)) names.add(name);
  return names;
}

function headerOf(model: LibraryModel, version: string): string {
  const of = [model.name, model.version].filter((part) => part !== undefined).join(" ");
  const line = `// ${of} for TypeScript, as Python ${model.python} has it. Written by amphis ${version}: run \`npx amphis types\` again rather than edit.`;
  return `/* eslint-disable */\n${line.replaceAll(/\s+/gu, " ")}\n`;
}
