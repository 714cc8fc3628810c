import type { LibraryModel } from "../model/index.ts";
import { LibraryFile } from "./library-file.ts";
import { Libraries } from "./scope.ts";

/**
 * What the declarations say of one function, class or attribute; nothing where they say nothing.
 *
 * It is for people: names of types stand as they do in the file of the library.
 */
export function typeText(model: LibraryModel, path: string): string | undefined {
  const libraries = new Libraries([model]);
  const library = libraries.get(model.name);
  if (library === undefined) return undefined;
  const files = new Map<string, LibraryFile>();
  const file = new LibraryFile(library, libraries, files);
  files.set(model.name, file);
  const found = file.find(path);
  if (found?.kind !== "member") return undefined;
  return file.memberText(found.path, found.member);
}
