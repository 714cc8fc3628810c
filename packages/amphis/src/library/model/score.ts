/* How well names fit a query. Nothing is imported: pages of a reference site rank with the same code. */

/** What can be found, in the letters in which queries are compared: lower case. */
export interface Searched {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
}

const EXACT = 100;
const START = 40;
const PART = 20;
const IN_PATH = 10;
const IN_SUMMARY = 4;
const LETTERS = 1;
/** Letters of shorter words are in too many names. */
const FEWEST_LETTERS = 3;

/** The words of a query, as they are compared. */
export function wordsOf(query: string): string[] {
  return query
    .toLowerCase()
    .split(/[\s.]+/u)
    .filter((word) => word !== "");
}

/** How well something fits: 0 when one of the words is nowhere in it, else more for what is better. */
export function scoreOf(words: readonly string[], { name, path, summary }: Searched): number {
  let score = 0;
  for (const word of words) {
    const of =
      name === word
        ? EXACT
        : name.startsWith(word)
          ? START
          : name.includes(word)
            ? PART
            : path.includes(word)
              ? IN_PATH
              : summary.includes(word)
                ? IN_SUMMARY
                : hasLetters(name, word)
                  ? LETTERS
                  : 0;
    if (of === 0) return 0;
    score += of;
  }
  return score;
}

/** Whether a name begins like a word, and has all its letters in their order: `rdcsv` is in `read_csv`. */
function hasLetters(name: string, word: string): boolean {
  if (word.length < FEWEST_LETTERS || name[0] !== word[0]) return false;
  let at = 0;
  for (const letter of word) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Best first; of equals the one with the shorter path. */
export function byScore(
  a: { readonly score: number; readonly path: string },
  b: { readonly score: number; readonly path: string },
): number {
  return b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1);
}
