import { findMember } from "../model/lookup.ts";
import type { ClassModel, FoundMember, LibraryModel, TypeAliasModel } from "../model/index.ts";
import { Names } from "./names.ts";

/** One library among those that are written. */
export interface Library {
  readonly model: LibraryModel;
  readonly names: Names;
}

/** A declaration that a type refers to. */
export interface Declared {
  readonly library: Library;
  readonly path: string;
  readonly model: ClassModel | TypeAliasModel;
}

/** All libraries that are written together, so that they can refer to each other. */
export class Libraries {
  readonly #byName: ReadonlyMap<string, Library>;

  constructor(models: readonly LibraryModel[]) {
    const all = models.map((model) => [model.name, { model, names: new Names(model) }] as const);
    this.#byName = new Map(all);
  }

  get(name: string): Library | undefined {
    return this.#byName.get(name);
  }

  /** What a path leads to, as a library sees it. */
  find(from: Library, path: string): { library: Library; found: FoundMember } | undefined {
    const own = findMember(from.model, path);
    const other = this.#byName.get(path.split(".", 1)[0] ?? "");
    const better =
      other === undefined || other === from ? undefined : findMember(other.model, path);
    if (other !== undefined && better !== undefined) return { library: other, found: better };
    return own === undefined ? undefined : { library: from, found: own };
  }

  /** The class or alias of a type that a path leads to, where it is declared. */
  declared(from: Library, path: string): Declared | undefined {
    const { library, found } = this.find(from, path) ?? {};
    if (library === undefined || found?.kind !== "member") return undefined;
    const { member } = found;
    if (member.kind !== "class" && member.kind !== "type") return undefined;
    return library.names.of(member.path) === undefined
      ? undefined
      : { library, path: member.path, model: member };
  }
}
