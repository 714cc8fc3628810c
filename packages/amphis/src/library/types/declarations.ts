import type { LibraryModel } from "../model/index.ts";
import { LibraryFile } from "./library-file.ts";
import { Libraries } from "./scope.ts";

/**
 * Declarations of libraries for TypeScript, by name of their file.
 *
 * The same models give the same texts. Libraries that are declared together refer to each other's classes; what belongs to none of them is
 * `PyAny`.
 */
export function declarationsOf(
  models: readonly LibraryModel[],
  version: string,
  aliases: Readonly<Record<string, string>> = {},
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
  const texts = new Map(all.map((file) => [`${file.library.model.name}.d.ts`, file.text(version)]));
  texts.set("index.d.ts", indexOf([...texts.keys()], aliasesOf(sorted, aliases), version));
  return texts;
}

function indexOf(files: readonly string[], aliases: readonly string[], version: string): string {
  const head = `// Python libraries for TypeScript. Written by amphis ${version}.\n`;
  const references = files.map((file) => `/// <reference path="./${file}" />\n`).join("");
  if (aliases.length === 0) return head + references;
  const entries = aliases.map((line) => `    ${line}\n`).join("");
  const body = `  interface PythonModules {\n${entries}  }\n`;
  return `${head}${references}\nexport {};\n\ndeclare module "amphis" {\n${body}}\n`;
}

/** Other names of modules, and of those below them. A name that a module has itself stays its own. */
function aliasesOf(
  models: readonly LibraryModel[],
  aliases: Readonly<Record<string, string>>,
): string[] {
  const paths = models.flatMap(({ modules }) => modules.map(({ path }) => path));
  const known = new Set(paths);
  return Object.entries(aliases)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([alias, module]) =>
      paths
        .filter((path) => path === module || path.startsWith(`${module}.`))
        .map((path) => [alias + path.slice(module.length), path] as const),
    )
    .filter(([alias]) => !known.has(alias))
    .map(([alias, path]) => `${JSON.stringify(alias)}: PythonModules[${JSON.stringify(path)}];`);
}
