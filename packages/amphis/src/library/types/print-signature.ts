import type {
  ClassModel,
  Doc,
  FunctionModel,
  Parameter,
  Signature,
  TypeNode,
} from "../model/index.ts";
import { type TypeContext, type TypeFile, withParameters } from "./context.ts";
import { genericsOfSignature, variantsOf } from "./generics.ts";
import { parameterName, propertyName } from "./names.ts";
import { parameterDoc, printComment } from "./print-doc.ts";
import { printArgument } from "./print-input.ts";
import { printStep } from "./print-output.ts";

/** Declares a type of keyword arguments, and gives its name. */
export type DeclareKeywords = (body: string) => string;

/** What is common to all overloads of a function. */
export interface Callee {
  readonly doc?: Doc | undefined;
  readonly declareKeywords: DeclareKeywords;
  /** What a call gives, where that is not for the signature to say. */
  readonly result?: string | undefined;
}

/** One way to call a function as TypeScript writes it. */
export interface PrintedSignature {
  readonly text: string;
  readonly signature: Signature;
}

/** The ways to call a function: each overload of Python, with arguments by position and by name. Each text is there once. */
export function printSignatures(
  file: TypeFile,
  signatures: readonly Signature[],
  context: TypeContext,
  callee: Callee,
): readonly PrintedSignature[] {
  const printed = new Map<string, PrintedSignature>();
  for (const signature of signatures) {
    for (const given of variantsOf(signature)) {
      const variant = given === undefined ? context : { ...context, given };
      for (const text of new SignaturePrinter(file, signature, variant, callee).all()) {
        if (!printed.has(text)) printed.set(text, { text, signature });
      }
    }
  }
  return [...printed.values()];
}

/** A function or class that nobody says how to call. */
export function printUnknownCall(file: TypeFile, result: string | undefined): string {
  return `(...args: ${file.use("PyAny")}[]): ${result ?? file.use("PyChain<PyAny>")}`;
}

class SignaturePrinter {
  readonly #file: TypeFile;
  readonly #signature: Signature;
  readonly #context: TypeContext;
  readonly #callee: Callee;
  readonly #generics: string;
  readonly #positional: readonly Parameter[];
  readonly #rest: Parameter | undefined;
  readonly #required: number;
  /** Type of the keyword arguments that are no required positional ones; none where there are none. */
  readonly #keywords: string | undefined;
  readonly #needsKeywords: boolean;
  readonly #result: string;

  constructor(file: TypeFile, signature: Signature, context: TypeContext, callee: Callee) {
    this.#file = file;
    this.#signature = signature;
    this.#callee = callee;
    const generic = genericsOfSignature(signature);
    this.#generics = generic.length === 0 ? "" : `<${generic.join(", ")}>`;
    this.#context = {
      ...withParameters(context, signature.typeParameters),
      generic: new Set(generic),
    };
    const { parameters } = signature;
    this.#positional = parameters.filter(({ kind }) => kind === "positional" || kind === "any");
    this.#rest = parameters.find(({ kind }) => kind === "rest");
    const firstOptional = this.#positional.findIndex(({ isOptional }) => isOptional);
    this.#required = firstOptional < 0 ? this.#positional.length : firstOptional;
    this.#needsKeywords = parameters.some(
      ({ kind, isOptional }) => kind === "keyword" && !isOptional,
    );
    this.#keywords = this.#keywordsType();
    this.#result = callee.result ?? printStep(file, signature.returns, this.#context);
  }

  all(): string[] {
    const names = uniqueNames(this.#positional);
    const given = this.#positional.map((one) => printArgument(this.#file, one.type, this.#context));
    return [...this.#byPosition(names, given), ...this.#byName(names, given)];
  }

  #byPosition(names: readonly string[], given: readonly string[]): string[] {
    if (this.#needsKeywords && this.#rest === undefined) {
      // Keyword arguments come last, so there is a way for each number of optional ones before.
      return Array.from({ length: this.#positional.length - this.#required + 1 }, (_, more) => {
        const listed = given
          .slice(0, this.#required + more)
          .map((type, at) => `${names[at]}: ${type}`);
        return this.#print([
          ...listed,
          `${freeName(names, "keywords")}: ${this.#keywordsArgument()}`,
        ]);
      });
    }
    const orKeywords = this.#keywords === undefined ? "" : ` | ${this.#keywordsArgument()}`;
    const listed = given.map((type, at) =>
      at < this.#required ? `${names[at]}: ${type}` : `${names[at]}?: ${type}${orKeywords}`,
    );
    const free = freeName(
      names,
      this.#rest === undefined ? "keywords" : parameterName(this.#rest.name),
    );
    if (this.#rest !== undefined) {
      const type = printArgument(this.#file, this.#rest.type, this.#context);
      const items = this.#needsKeywords
        ? `[...(${type})[], ${this.#keywordsArgument()}]`
        : `(${type}${orKeywords})[]`;
      listed.push(`...${free}: ${items}`);
    } else if (orKeywords !== "") {
      listed.push(`${free}?: ${this.#keywordsArgument()}`);
    }
    return [this.#print(listed)];
  }

  /** Required arguments by name: all of them, or those after some that are given by position. */
  #byName(names: readonly string[], given: readonly string[]): string[] {
    const texts: string[] = [];
    for (let from = this.#required - 1; from >= 0; from -= 1) {
      if (this.#positional[from]?.kind !== "any") break;
      const named = this.#positional
        .slice(from, this.#required)
        .map(({ name }, at) => `readonly ${propertyName(name)}: ${given[from + at]}`);
      const body = `{ ${named.join("; ")} }`;
      const all = this.#keywords === undefined ? body : `${this.#keywords} & ${body}`;
      const before = given.slice(0, from).map((type, at) => `${names[at]}: ${type}`);
      const name = freeName(names, "keywords");
      texts.push(this.#print([...before, `${name}: ${this.#file.use(`Keywords<${all}>`)}`]));
    }
    return texts;
  }

  #print(parameters: readonly string[]): string {
    return `${this.#generics}(${parameters.join(", ")}): ${this.#result}`;
  }

  #keywordsArgument(): string {
    return this.#file.use(`Keywords<${this.#keywords ?? "{}"}>`);
  }

  #keywordsType(): string | undefined {
    const lines: string[] = [];
    for (const [index, parameter] of this.#signature.parameters.entries()) {
      const { kind, name, type, isOptional } = parameter;
      const isNamed = kind === "keyword" || (kind === "any" && index >= this.#required);
      if (isNamed) {
        const text = printArgument(this.#file, type, this.#context);
        const optional = isOptional || kind === "any" ? "?" : "";
        const undefinable = optional === "" ? "" : " | undefined";
        const doc = printComment({ doc: parameterDoc(this.#callee.doc, name) }, "  ");
        lines.push(`${doc}  readonly ${propertyName(name)}${optional}: ${text}${undefinable};\n`);
      } else if (kind === "keywords") lines.push(...this.#moreKeywords(type));
    }
    if (lines.length === 0) return undefined;
    const generic = this.#generics;
    return `${this.#callee.declareKeywords(`${generic} {\n${lines.join("")}}`)}${generic}`;
  }

  /** `**kwargs`: those of a typed dictionary, or any. */
  #moreKeywords(type: TypeNode | undefined): string[] {
    if (type?.kind === "unpack" && type.of.kind === "name") {
      const model = this.#file.declared(type.of.path)?.model;
      if (model?.kind === "class" && model.nature === "typed-dict") {
        return fieldsOf(model).map(
          ([name, field]) =>
            `  readonly ${propertyName(name)}?: ${printArgument(this.#file, field, this.#context)} | undefined;\n`,
        );
      }
    }
    return [`  readonly [name: string]: ${this.#file.use("PyAny")};\n`];
  }
}

function fieldsOf(model: ClassModel): [string, TypeNode | undefined][] {
  return model.members.flatMap((one): [string, TypeNode | undefined][] =>
    one.kind === "property" && !one.name.startsWith("__") ? [[one.name, one.type]] : [],
  );
}

function uniqueNames(parameters: readonly Parameter[]): string[] {
  const names: string[] = [];
  for (const { name } of parameters) names.push(freeName(names, parameterName(name)));
  return names;
}

function freeName(taken: readonly string[], wanted: string): string {
  let name = wanted;
  while (taken.includes(name)) name += "_";
  return name;
}

/** How a function is called: what is declared, else what Python says. */
export function signaturesOf(model: FunctionModel): readonly Signature[] {
  if (model.signatures.length > 0) return model.signatures;
  return model.runtime === undefined ? [] : [model.runtime];
}
