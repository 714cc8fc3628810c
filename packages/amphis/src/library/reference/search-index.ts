import type { Member } from "../model/index.ts";
import type { SearchIndex } from "./browser/found.ts";
import { anchorOf, isShown, type Place } from "./places.ts";
import type { Site } from "./site.ts";

/** Longer summaries are cut: one line is shown. */
const LONGEST_SUMMARY = 120;

/** What the script of the site searches. Other names of the same would say the same twice. */
export function searchIndex(site: Site): SearchIndex {
  const groups: (readonly [string, string, readonly string[]])[] = [];
  for (const library of site.libraries) {
    for (const place of site.places.of(library)) groups.push(...groupsOf(place));
  }
  return groups;
}

/** A script that leaves the index to the page: pages on disk may load scripts, and nothing else. */
export function searchIndexText(index: SearchIndex): string {
  return `globalThis.amphisReferenceIndex = ${JSON.stringify(index)};\n`;
}

function groupsOf({ path, file, about }: Place): (readonly [string, string, readonly string[]])[] {
  const kind = "kind" in about ? "class" : "module";
  const end = path.lastIndexOf(".");
  const outer = end < 0 ? "" : path.slice(0, end);
  const own = [kind, path.slice(end + 1), "", short(about.doc?.summary)];
  const names = about.members.flatMap((member) => namesOf(path, member));
  return [[file, outer, own], ...(names.length === 0 ? [] : [[file, path, names] as const])];
}

function namesOf(outer: string, member: Member): readonly string[] {
  const { kind, name } = member;
  if (!isShown(member) || kind === "alias" || kind === "module" || kind === "class") return [];
  const doc = "doc" in member ? member.doc : undefined;
  return [kind, name, `#${anchorOf(`${outer}.${name}`)}`, short(doc?.summary)];
}

function short(summary: string | undefined): string {
  if (summary === undefined || summary.length <= LONGEST_SUMMARY) return summary ?? "";
  const end = summary.lastIndexOf(" ", LONGEST_SUMMARY);
  return `${summary.slice(0, end > 0 ? end : LONGEST_SUMMARY)} …`;
}
