import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { parseSync } from "oxc-parser";

/**
 * @typedef {object} Declarations What one declaration file declares and passes on.
 * @property {ReadonlyMap<string, readonly string[]>} declared Declarations by local name, without comments.
 * @property {ReadonlyMap<string, Origin>} exported By public name.
 * @property {readonly string[]} stars Files whose names are all passed on.
 * @property {ReadonlyMap<string, Origin>} imported By local name.
 *
 * @typedef {object} Origin
 * @property {string | undefined} from A specifier; `undefined` for a name of this file.
 * @property {string} name In that file; `*` for all of it as one object.
 *
 * @typedef {import("oxc-parser").Comment} Comment
 */

/**
 * Lists what a declaration file makes public, with the text of each declaration wherever it stands.
 *
 * @param {string} path
 * @returns {Promise<Map<string, string>>} By public name.
 */
export async function publicSurface(path) {
  /** @type {Map<string, Promise<Declarations>>} */
  const files = new Map();
  const read = (/** @type {string} */ file) => {
    const reading = files.get(file) ?? readDeclarations(file);
    files.set(file, reading);
    return reading;
  };
  const names = await publicNames(path, read);
  /** @type {Map<string, string>} */
  const surface = new Map();
  for (const name of [...names].toSorted()) {
    surface.set(name, await describe(path, name, read));
  }
  return surface;
}

/**
 * @param {string} path
 * @param {(file: string) => Promise<Declarations>} read
 * @returns {Promise<Set<string>>}
 */
async function publicNames(path, read) {
  const { exported, stars } = await read(path);
  const names = new Set(exported.keys());
  for (const star of stars) {
    const target = resolveDeclaration(path, star);
    for (const name of target === undefined
      ? [`* from ${star}`]
      : await publicNames(target, read)) {
      names.add(name);
    }
  }
  return names;
}

/**
 * @param {string} path
 * @param {string} name
 * @param {(file: string) => Promise<Declarations>} read
 * @returns {Promise<string>}
 */
async function describe(path, name, read) {
  const { declared, exported, imported, stars } = await read(path);
  const origin = exported.get(name);
  if (origin === undefined) {
    const found = await Promise.all(stars.map((star) => describeIn(path, star, name, read)));
    return (
      found.find((text) => text !== "") ??
      `export * from ${JSON.stringify(name.replace("* from ", ""))};`
    );
  }
  const source = origin.from === undefined ? (imported.get(origin.name) ?? origin) : origin;
  if (source.from !== undefined) {
    return describeIn(path, source.from, source.name, read);
  }
  return (declared.get(source.name) ?? []).join("\n");
}

/**
 * @param {string} path
 * @param {string} specifier
 * @param {string} name
 * @param {(file: string) => Promise<Declarations>} read
 * @returns {Promise<string>}
 */
async function describeIn(path, specifier, name, read) {
  const target = resolveDeclaration(path, specifier);
  if (target === undefined || name === "*") {
    return `export { ${name} } from ${JSON.stringify(specifier)};`;
  }
  const { exported, stars } = await read(target);
  return exported.has(name) || stars.length > 0 ? describe(target, name, read) : "";
}

/**
 * @param {string} path
 * @param {string} specifier
 * @returns {string | undefined} `undefined` for another package.
 */
function resolveDeclaration(path, specifier) {
  return specifier.startsWith(".")
    ? join(dirname(path), specifier.replace(/(\.d)?\.(ts|js)$/, ".d.ts"))
    : undefined;
}

/**
 * @param {string} path
 * @returns {Promise<Declarations>}
 */
async function readDeclarations(path) {
  const text = await readFile(path, "utf8");
  const { program, comments, module } = parseSync(path, text);
  /** @type {Map<string, string[]>} */
  const declared = new Map();
  for (const statement of program.body) {
    const declaration =
      statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    for (const name of declaration === null ? [] : namesOf(declaration)) {
      const source = withoutComments(text, statement.start, statement.end, comments);
      declared.set(name, [...(declared.get(name) ?? []), source]);
    }
  }
  /** @type {Map<string, Origin>} */
  const imported = new Map();
  for (const { moduleRequest, entries } of module.staticImports) {
    for (const { localName, importName } of entries) {
      imported.set(localName.value, { from: moduleRequest.value, name: importName.name ?? "*" });
    }
  }
  /** @type {Map<string, Origin>} */
  const exported = new Map();
  /** @type {string[]} */
  const stars = [];
  for (const entry of module.staticExports.flatMap((statement) => statement.entries)) {
    const from = entry.moduleRequest?.value;
    if (entry.exportName.name !== null) {
      const name = entry.importName.name ?? entry.localName.name ?? "*";
      exported.set(entry.exportName.name, { from, name });
    } else if (from !== undefined) {
      stars.push(from);
    }
  }
  return { declared, exported, stars, imported };
}

/**
 * @param {import("oxc-parser").Statement | import("oxc-parser").Declaration} declaration
 * @returns {string[]}
 */
function namesOf(declaration) {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === "Identifier" ? [id.name] : [],
    );
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {readonly Comment[]} comments
 * @returns {string}
 */
function withoutComments(text, start, end, comments) {
  let kept = "";
  let position = start;
  for (const comment of comments.filter((one) => one.start >= start && one.end <= end)) {
    kept += text.slice(position, comment.start);
    position = comment.end;
  }
  return `${kept}${text.slice(position, end)}`
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && line.trim() !== "#private;")
    .join("\n")
    .replace(/^export (declare )?/, "");
}
