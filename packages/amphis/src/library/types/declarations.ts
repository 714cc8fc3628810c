import type { LibraryModel } from "../model/index.ts";
import { LibraryFile } from "./library-file.ts";
import { Libraries } from "./scope.ts";

/** See `WriteTypesOptions`. */
export interface DeclaredNames {
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  readonly isImported?: ((path: string) => boolean) | undefined;
  readonly others?: readonly string[] | undefined;
}

/**
 * Declarations of libraries for TypeScript, by name of their file.
 *
 * The same models give the same texts. Libraries that are declared together refer to each other's classes; what belongs to none of them is
 * `PyAny`.
 */
export function declarationsOf(
  models: readonly LibraryModel[],
  version: string,
  names: DeclaredNames = {},
): ReadonlyMap<string, string> {
  const sorted = models.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const libraries = new Libraries(sorted);
  const files = new Map<string, LibraryFile>();
  for (const { name } of sorted) {
    const library = libraries.get(name);
    if (library !== undefined) files.set(name, new LibraryFile(library, libraries, files));
  }
  const all = [...files.values()];
  for (const file of all) file.declareModules();
  while (all.map((file) => file.declareWanted()).includes(true)) {
    // What was declared may have asked for more.
  }
  const importsOf = (file: LibraryFile): readonly ImportName[] =>
    importNames(file.library.model, names);
  const texts = new Map(
    all.map((file) => [`${file.library.model.name}.d.ts`, file.text(version, importsOf(file))]),
  );
  const folders = (names.others ?? []).toSorted().map((folder) => `${folder}/index.d.ts`);
  texts.set("index.d.ts", indexOf([...texts.keys(), ...folders], version));
  return texts;
}

/** What `py.import` takes, and the path of the module that it gives. */
export type ImportName = readonly [name: string, path: string];

function indexOf(files: readonly string[], version: string): string {
  const head = `// Python libraries for TypeScript. Written by amphis ${version}.\n`;
  return head + files.map((file) => `/// <reference path="./${file}" />\n`).join("");
}

/** Names of modules, and other ones of them and of those below. A name that a module has itself stays its own. */
function importNames(
  { modules }: LibraryModel,
  { aliases = {}, isImported = () => true }: DeclaredNames,
): readonly ImportName[] {
  const paths = modules.map(({ path }) => path);
  const own = paths.filter(isImported).map((path) => [path, path] as const);
  const others = Object.entries(aliases)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([alias, module]) =>
      paths
        .filter((path) => path === module || path.startsWith(`${module}.`))
        .map((path) => [alias + path.slice(module.length), path] as const),
    );
  const taken = new Set(own.map(([name]) => name));
  return [...own, ...others.filter(([name]) => !taken.has(name))];
}
