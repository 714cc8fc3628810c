import { createHash } from "node:crypto";

import {
  type ClassModel,
  findMember,
  type LibraryModel,
  type Member,
  type ModuleModel,
} from "../model/index.ts";

/** A page of the site: that of a module or of a class. */
export interface Place {
  /** Path of its file below the folder of the site. */
  readonly file: string;
  readonly path: string;
  readonly library: LibraryModel;
  /** The module that it is, or that the class is in. */
  readonly module: ModuleModel;
  readonly about: ModuleModel | ClassModel;
}

type Spot = Pick<Place, "library" | "module"> & { readonly folder: string };

/** Classes in classes; deeper ones are on no page. */
const DEEPEST = 8;
const LONGEST_NAME = 120;
/** Windows keeps these for devices, whatever their ending. */
const DEVICE = /^(?:aux|com\d|con|lpt\d|nul|prn)$/iu;

/** Where everything public of some libraries is on the site. */
export class Places {
  readonly #models: ReadonlyMap<string, LibraryModel>;
  readonly #folders = new Map<string, string>();
  readonly #modules = new Map<string, Place>();
  readonly #classes = new Map<string, Place>();
  readonly #taken = new Set<string>();

  constructor(models: readonly LibraryModel[]) {
    this.#models = new Map(models.map((model) => [model.name, model]));
    for (const library of this.#models.values()) this.#addLibrary(library);
  }

  /** All pages of a library, modules in their order, each with its classes behind it. */
  *of(library: LibraryModel): Generator<Place> {
    for (const places of [this.#modules, this.#classes]) {
      for (const place of places.values()) if (place.library === library) yield place;
    }
  }

  /** The page that a library begins with. */
  indexOf(library: LibraryModel): string {
    return `${this.#folders.get(library.name) ?? ""}/index.html`;
  }

  class(path: string): Place | undefined {
    return this.#classes.get(path);
  }

  module(path: string): Place | undefined {
    return this.#modules.get(path);
  }

  /** The file, and what is after `#`, of what a path leads to; nothing where that is on no page. */
  find(path: string): string | undefined {
    const model = this.#models.get(libraryOf(path, this.#models));
    const found = model && findMember(model, path);
    if (found === undefined) return undefined;
    if (found.kind === "module") return this.#modules.get(found.path)?.file;
    const page = found.member.kind === "class" ? this.#classes.get(found.path) : undefined;
    if (page !== undefined) return page.file;
    const end = found.path.lastIndexOf(".");
    const outer = found.path.slice(0, end);
    const owner = this.#classes.get(outer) ?? this.#modules.get(outer);
    const name = found.path.slice(end + 1);
    return owner === undefined || name.startsWith("_")
      ? undefined
      : `${owner.file}#${anchorOf(found.path)}`;
  }

  #addLibrary(library: LibraryModel): void {
    const folder = this.#unique("", fileName(library.name.replaceAll(".", "-")));
    this.#folders.set(library.name, folder);
    this.#unique(folder, "index");
    for (const module of library.modules) {
      if (this.#modules.has(module.path)) continue;
      this.#modules.set(module.path, this.#place({ folder, library, module }, module.path, module));
    }
    for (const module of library.modules) {
      this.#addClasses({ folder, library, module }, module.path, module.members, 0);
    }
  }

  #addClasses(spot: Spot, outer: string, members: readonly Member[], depth: number): void {
    for (const member of members) {
      const path = `${outer}.${member.name}`;
      if (!isShown(member) || member.kind !== "class" || this.#classes.has(path)) continue;
      this.#classes.set(path, this.#place(spot, path, member));
      if (depth < DEEPEST) this.#addClasses(spot, path, member.members, depth + 1);
    }
  }

  #place({ folder, library, module }: Spot, path: string, about: Place["about"]): Place {
    const file = `${folder}/${this.#unique(folder, fileName(path))}.html`;
    return { file, path, library, module, about };
  }

  /** Names that differ in case only are one file on many machines. */
  #unique(folder: string, wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(`${folder}/${name}`.toLowerCase()); count += 1) {
      name = `${wanted}-${count}`;
    }
    this.#taken.add(`${folder}/${name}`.toLowerCase());
    return name;
  }
}

/** Whether something is told of: what has a leading underscore is for the library itself, or for the syntax of Python. */
export function isShown({ name }: Member): boolean {
  return !name.startsWith("_");
}

/** What stands after `#` for a path, and in `id`: the path itself where that is a usual name. */
export function anchorOf(path: string): string {
  return fileName(path);
}

/** A path as part of a file name that every file system has, and of an address: another one for each. */
function fileName(path: string): string {
  const plain = path.replaceAll(/[^\w.-]/gu, "_");
  if (plain === path && plain.length <= LONGEST_NAME && !DEVICE.test(plain)) return plain;
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 12);
  return `${plain.slice(0, LONGEST_NAME - 20)}-${hash}`;
}

/** The library that a path is in: names of libraries may have dots. */
function libraryOf(path: string, models: ReadonlyMap<string, LibraryModel>): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const name = path.slice(0, end);
    if (models.has(name)) return name;
  }
  return "";
}

/** The way from one file of the site to another. */
export function linkFrom(from: string, to: string): string {
  const [folder = ""] = from.includes("/") ? from.split("/", 1) : [""];
  if (folder === "") return to;
  return to.startsWith(`${folder}/`) ? to.slice(folder.length + 1) : `../${to}`;
}
