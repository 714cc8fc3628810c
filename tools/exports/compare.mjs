/**
 * @param {string} committed
 * @param {string} fresh
 * @returns {string[]} The lines that differ, with `-` and `+` before them; empty where nothing does.
 */
export function changedLines(committed, fresh) {
  const before = count(committed);
  const after = count(fresh);
  const removed = subtract(before, after).map((line) => `- ${line}`);
  const added = subtract(after, before).map((line) => `+ ${line}`);
  const changed = [...removed, ...added].filter((line) => line.length > "- ".length);
  return changed.length === 0 && committed !== fresh ? ["the order of lines"] : changed;
}

/**
 * @param {string} text
 * @returns {Map<string, number>}
 */
function count(text) {
  /** @type {Map<string, number>} */
  const lines = new Map();
  for (const line of text.split("\n")) {
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  return lines;
}

/**
 * @param {ReadonlyMap<string, number>} from
 * @param {ReadonlyMap<string, number>} other
 * @returns {string[]}
 */
function subtract(from, other) {
  return [...from].flatMap(([line, times]) =>
    Array.from({ length: Math.max(0, times - (other.get(line) ?? 0)) }, () => line),
  );
}
