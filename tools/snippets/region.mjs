const opening = /^\s*(?:\/\/|#)\s*#?region\s+([\w-]+)\s*$/;
const closing = /^\s*(?:\/\/|#)\s*#?endregion(?:\s+([\w-]+))?\s*$/;

/**
 * Cuts a named region out of a source file: the lines between `// #region NAME` and `// #endregion NAME` (in Python and
 * shell `# region NAME`), without their common indentation and without the marks of other regions.
 *
 * @param {string} text
 * @param {string} name
 * @returns {string | undefined} Without a newline at its end; `undefined` where the region is absent or never closed.
 */
export function regionOf(text, name) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => opening.exec(line)?.[1] === name);
  const end = lines.findIndex((line, index) => index > start && closing.exec(line)?.[1] === name);
  if (start === -1 || end === -1) {
    return undefined;
  }
  const body = lines
    .slice(start + 1, end)
    .filter((line) => !opening.test(line) && !closing.test(line));
  return withoutIndentation(body)
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}

/**
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
function withoutIndentation(lines) {
  const widths = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const width = Math.min(...widths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(width));
}
