import type { ClassModel, LibraryModel, Member, TypeAliasModel } from "../model/index.ts";
import { IMPORTABLE } from "./known-types.ts";

/** Words and types of TypeScript that a declaration must not take from those that use them. */
const TAKEN: readonly string[] = [
  ...IMPORTABLE,
  ..."any as asserts async await bigint boolean break case catch class const continue debugger declare default delete do else enum export extends".split(
    " ",
  ),
  ..."false finally for from function get if implements import in infer instanceof interface is keyof let module namespace never new null number".split(
    " ",
  ),
  ..."object of out override package private protected public readonly require return satisfies set static string super switch symbol this".split(
    " ",
  ),
  ..."throw true try type typeof undefined unique unknown using var void while with yield global abstract accessor constructor".split(
    " ",
  ),
  ..."Array AsyncIterable BigInt Boolean Date Error Exclude Function Iterable Map Number Object Omit Pick Promise Readonly ReadonlyArray".split(
    " ",
  ),
  ..."ReadonlyMap ReadonlySet Record Set String Symbol Uint8Array WeakMap WeakSet".split(" "),
];

/** Names of the declarations of one library: each is unique in its file. */
export class Names {
  readonly #byPath = new Map<string, string>();
  readonly #used = new Set(TAKEN);
  /** What is described in this library, by path; public before hidden. */
  readonly described: ReadonlyMap<string, ClassModel | TypeAliasModel>;
  readonly modules: ReadonlySet<string>;

  constructor(model: LibraryModel) {
    const described = new Map<string, ClassModel | TypeAliasModel>();
    for (const { members } of model.modules) collect(members, described);
    const publicPaths = [...described.keys()];
    collect(model.hidden, described);
    this.described = described;
    this.modules = new Set(model.modules.map(({ path }) => path));
    for (const { path } of model.modules) this.#take(path, moduleName(path));
    const isPublic = new Set(publicPaths);
    const hidden = [...described.keys()].filter((path) => !isPublic.has(path));
    // The shortest path has the short name, so that what is used most is named as Python names it.
    for (const path of [...publicPaths.toSorted(byDepth), ...hidden.toSorted(byDepth)]) {
      if (!this.modules.has(path)) this.#name(path);
    }
  }

  /** Name of the interface or type that declares what is at a path. */
  of(path: string): string | undefined {
    return this.#byPath.get(path);
  }

  /** Whether something is declared under a name, or TypeScript has it. */
  isUsed(name: string): boolean {
    return this.#used.has(name);
  }

  #name(path: string): void {
    const parts = path.split(".");
    for (let from = parts.length - 1; from >= 0; from -= 1) {
      const name = nameOf(parts.slice(from));
      if (!this.#used.has(name)) return this.#take(path, name);
    }
    let name = `${nameOf(parts)}$`;
    while (this.#used.has(name)) name += "$";
    this.#take(path, name);
  }

  #take(path: string, name: string): void {
    this.#used.add(name);
    this.#byPath.set(path, name);
  }
}

/** A dollar sign is in no name of Python. */
function moduleName(path: string): string {
  return `${nameOf(path.split("."))}$module`;
}

function byDepth(a: string, b: string): number {
  const depth = a.split(".").length - b.split(".").length;
  if (depth !== 0) return depth;
  return a < b ? -1 : 1;
}

function collect(members: readonly Member[], into: Map<string, ClassModel | TypeAliasModel>): void {
  for (const member of members) {
    if (member.kind !== "class" && member.kind !== "type") continue;
    if (!into.has(member.path)) into.set(member.path, member);
    if (member.kind === "class") collect(member.members, into);
  }
}

/** Also a path that is no name of Python becomes one of TypeScript. */
function nameOf(parts: readonly string[]): string {
  return parts
    .join("$")
    .replaceAll(/[^\p{ID_Continue}$]/gu, "_")
    .replace(/^(?=\p{Nd})/u, "_");
}

const PLAIN = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The name of a property as it stands in an interface. */
export function propertyName(name: string): string {
  // Without quotes it would be what makes an instance.
  return PLAIN.test(name) && name !== "new" ? name : JSON.stringify(name);
}

/** The name of a parameter: words of TypeScript that no parameter may be called get an underscore. */
export function parameterName(name: string): string {
  const plain = PLAIN.test(name) ? name : name.replaceAll(/[^\p{ID_Continue}$]/gu, "_");
  return RESERVED.has(plain) || !PLAIN.test(plain) ? `${plain}_` : plain;
}

const RESERVED: ReadonlySet<string> = new Set([
  ..."arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for".split(
    " ",
  ),
  ..."function if implements import in instanceof interface let new null package private protected public return static super switch".split(
    " ",
  ),
  ..."this throw true try typeof var void while with yield".split(" "),
]);

/** Members that proxies answer themselves: no declaration of an attribute may promise anything else. */
const OF_PROXIES: ReadonlySet<string> = new Set([
  ..."then catch finally with as toArrow".split(" "),
  ..."$$typeof @@__IMMUTABLE_ITERABLE__@@ @@__IMMUTABLE_RECORD__@@ _isMockFunction asymmetricMatch constructor nodeType prototype tagName".split(
    " ",
  ),
  ..."toJSON toLocaleString toString valueOf".split(" "),
]);

/** Whether an attribute is reached as a property, rather than by `attribute(object, name)`. */
export function isProperty(name: string): boolean {
  return !OF_PROXIES.has(name);
}
