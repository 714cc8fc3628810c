/**
 * An example that names its source behind the language of its fence, such as `ts snippet=examples/a/main.ts#call`.
 *
 * @typedef {object} Fence
 * @property {string} file Relative to the repository.
 * @property {string | undefined} region `undefined` for the whole file.
 * @property {number} line Of the opening fence, from 1.
 * @property {string} body Without a newline at its end.
 */

const fenceStart = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(.*)$/;

/**
 * Lists the examples of a Markdown text that name their source.
 *
 * @param {string} markdown
 * @returns {Fence[]}
 */
export function fencesOf(markdown) {
  return blocksOf(markdown).map(({ file, region, start, body }) => ({
    file,
    region,
    line: start + 1,
    body: body.join("\n"),
  }));
}

/**
 * Puts fresh text into every example that names its source.
 *
 * @param {string} markdown
 * @param {(fence: Fence) => string} freshBody
 * @returns {string}
 */
export function replaceBodies(markdown, freshBody) {
  const lines = markdown.split("\n");
  const blocks = blocksOf(markdown).toReversed();
  for (const { file, region, start, body } of blocks) {
    const fence = { file, region, line: start + 1, body: body.join("\n") };
    lines.splice(start + 1, body.length, ...freshBody(fence).split("\n"));
  }
  return lines.join("\n");
}

/**
 * @param {string} markdown
 * @returns {{ file: string, region: string | undefined, start: number, body: string[] }[]}
 */
function blocksOf(markdown) {
  const lines = markdown.split("\n");
  const blocks = [];
  for (let index = 0; index < lines.length; index += 1) {
    const match = fenceStart.exec(lines[index] ?? "");
    if (match !== null) {
      const [, , mark = "", , attributes = ""] = match;
      const length = lines.slice(index + 1).findIndex((line) => line.trim().startsWith(mark));
      const body = lines.slice(index + 1, length === -1 ? lines.length : index + 1 + length);
      const source = /\bsnippet=([^\s#]+)(?:#([\w-]+))?/.exec(attributes);
      if (source !== null) {
        blocks.push({ file: source[1] ?? "", region: source[2], start: index, body });
      }
      index += body.length + 1;
    }
  }
  return blocks;
}
