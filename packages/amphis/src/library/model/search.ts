import type { Doc, LibraryModel, Member } from "./model.ts";
import { byScore, scoreOf, wordsOf } from "./score.ts";

export interface SearchOptions {
  /** @default 20 */
  readonly limit?: number | undefined;
}

/** One thing that a search found. */
export interface SearchHit {
  /** Where it is described. */
  readonly path: string;
  readonly kind: Member["kind"];
  readonly summary?: string | undefined;
  /** How well it fits; more is better. */
  readonly score: number;
}

/**
 * What the words of a query name or describe, best first: by name, by path, by the summary of its docstring, by
 * letters of the name in their order.
 *
 * Every word has to be found. Of equals, the one with the shorter path is first.
 *
 * @throws {RangeError} when the limit is none
 */
export function searchLibraries(
  models: readonly LibraryModel[],
  query: string,
  { limit = 20 }: SearchOptions = {},
): SearchHit[] {
  if (!(limit >= 1)) throw new RangeError(`Cannot search: limit must be at least 1, not ${limit}`);
  const words = wordsOf(query);
  const hits: SearchHit[] = [];
  for (const model of models) {
    for (const { path, members } of model.modules) collect(path, members, words, hits);
  }
  return hits.toSorted(byScore).slice(0, limit);
}

function collect(
  outer: string,
  members: readonly Member[],
  words: readonly string[],
  hits: SearchHit[],
): void {
  for (const member of members) {
    // Other names of the same would say the same twice.
    if (member.kind === "alias" || member.kind === "module") continue;
    const path = `${outer}.${member.name}`;
    const summary = summaryOf(member);
    const score = scoreOf(words, {
      name: member.name.toLowerCase(),
      path: path.toLowerCase(),
      summary: summary?.toLowerCase() ?? "",
    });
    if (score > 0) hits.push({ path, kind: member.kind, summary, score });
    if (member.kind === "class") collect(path, member.members, words, hits);
  }
}

function summaryOf(member: Member): string | undefined {
  return "doc" in member ? (member.doc as Doc | undefined)?.summary : undefined;
}
