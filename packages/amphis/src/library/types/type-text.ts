import type { LibraryModel } from "../model/index.ts";
import { LibraryFile } from "./library-file.ts";
import { Libraries } from "./scope.ts";

/**
 * What the declarations say of one function, class or attribute; nothing where they say nothing.
 *
 * It is for people: names of types stand as they do in the file of the library.
 */
export function typeText(model: LibraryModel, path: string): string | undefined {
  return new TypeTexts([model]).of(model.name, path);
}

/** The same for much of what some libraries have: what they need in common is worked out once. */
export class TypeTexts {
  readonly #files = new Map<string, LibraryFile>();

  /** Libraries that are asked together refer to each other's classes. */
  constructor(models: readonly LibraryModel[]) {
    const libraries = new Libraries(models);
    for (const { name } of models) {
      const library = libraries.get(name);
      if (library === undefined) continue;
      // Without each other's files all names stand as their own library has them.
      this.#files.set(name, new LibraryFile(library, libraries, new Map()));
    }
  }

  of(library: string, path: string): string | undefined {
    const file = this.#files.get(library);
    const found = file?.find(path);
    return found?.kind === "member" ? file?.memberText(found.path, found.member) : undefined;
  }
}
