import { posix } from "node:path";

/**
 * Where a source file stands.
 *
 * @typedef {object} Place
 * @property {string} owner Folder below `packages`.
 * @property {string} part
 * @property {boolean} isFace Whether other parts may import it: `index.ts` of a folder, or the file that is the part.
 * @property {boolean} isTest
 */

/**
 * @param {string} path Relative to the repository, with slashes.
 * @returns {Place | undefined} `undefined` outside the sources of a package.
 */
export function placeOf(path) {
  const match = /^packages\/([^/]+)\/src\/(.+)$/.exec(path);
  if (match === null) {
    return undefined;
  }
  const [, owner = "", inner = ""] = match;
  const [first = "", ...rest] = inner.split("/");
  const isFile = rest.length === 0;
  return {
    owner,
    part: isFile ? first.replace(/(\.d|\.test(-d)?)?\.m?[jt]s$/, "") : first,
    isFace: isFile || (rest.length === 1 && rest[0] === "index.ts"),
    isTest: /\.test(-d)?\.ts$/.test(path),
  };
}

/**
 * @param {string} path The importing file.
 * @param {string} specifier A relative one.
 * @returns {string} The imported file, relative to the repository.
 */
export function resolveRelative(path, specifier) {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}
