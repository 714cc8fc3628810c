import { parseSync, Visitor } from "oxc-parser";

/**
 * @typedef {object} Import
 * @property {string | undefined} specifier `undefined` where it is computed at run time.
 * @property {number} line
 */

/**
 * Lists everything that a source file imports: statements, re-exports, dynamic imports and import types.
 *
 * @param {string} path Its ending tells the language.
 * @param {string} text
 * @returns {Import[]}
 * @throws {Error} where the file cannot be parsed.
 */
export function importsOf(path, text) {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) {
    throw new Error(`Cannot read imports of ${path}: ${error.message}`);
  }
  /** @type {Import[]} */
  const imports = [];
  /** @param {{ type: string, start: number, value?: unknown } | null | undefined} source */
  const add = (source) => {
    if (source !== null && source !== undefined) {
      const specifier = typeof source.value === "string" ? source.value : undefined;
      imports.push({ specifier, line: lineOf(text, source.start) });
    }
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
  }).visit(program);
  return imports;
}

/**
 * @param {string} text
 * @param {number} offset
 * @returns {number}
 */
function lineOf(text, offset) {
  return text.slice(0, offset).split("\n").length;
}
