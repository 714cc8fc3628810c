import { byScore, scoreOf, type Searched, wordsOf } from "../../model/score.ts";

/**
 * What a site can be searched for: groups of names that are on one page, as the site writes them.
 *
 * A group is the page, the path that stands before its names, and a kind, name, `#` with what follows (empty: the page itself) and summary
 * for each of them, one behind the other.
 */
export type SearchIndex = readonly (readonly [
  file: string,
  outer: string,
  names: readonly string[],
])[];

const FIELDS = 4;

/** Something that was found. */
export interface Found {
  readonly path: string;
  readonly kind: string;
  readonly summary: string;
  /** File of the site, with what is after `#`. */
  readonly target: string;
  readonly score: number;
}

interface Entry extends Searched {
  readonly shown: Omit<Found, "score">;
}

/** Finds what people type, as `amphis search` does. */
export class Finder {
  readonly #entries: readonly Entry[];

  constructor(index: SearchIndex) {
    this.#entries = index.flatMap(entriesOf);
  }

  /** Best first. */
  find(query: string, limit: number): Found[] {
    const words = wordsOf(query);
    if (words.length === 0) return [];
    const found: Found[] = [];
    for (const entry of this.#entries) {
      const score = scoreOf(words, entry);
      if (score > 0) found.push({ ...entry.shown, score });
    }
    return found.sort(byScore).slice(0, limit);
  }
}

function entriesOf([file, outer, names]: SearchIndex[number]): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + FIELDS <= names.length; at += FIELDS) {
    const [kind = "", name = "", anchor = "", summary = ""] = names.slice(at, at + FIELDS);
    const path = outer === "" ? name : `${outer}.${name}`;
    entries.push({
      name: name.slice(name.lastIndexOf(".") + 1).toLowerCase(),
      path: path.toLowerCase(),
      summary: summary.toLowerCase(),
      shown: { path, kind, summary, target: file + anchor },
    });
  }
  return entries;
}
