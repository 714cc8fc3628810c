import { type LibraryModel, type SearchHit, searchLibraries } from "amphis/library";

import type { SearchFlags } from "../flags.ts";
import type { Place } from "../places.ts";
import { declaredLibraries, Project } from "../project.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** `amphis search "matrix norm"`. @returns the exit status: 1 where nothing was found */
export async function search(
  query: string,
  { python, environment, library = [], limit, out, json: asJson = false }: SearchFlags,
  terminal: Terminal,
): Promise<number> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1) {
    throw new RangeError(`Cannot search: --limit must be a number from 1, got ${limit}`);
  }
  const project = await Project.open("search", { python, environment }, terminal);
  const places =
    library.length > 0
      ? library.map((name) => project.placed(name).place)
      : usual(project, await declaredLibraries(out));
  if (places.length === 0) {
    throw new TypeError(
      "Cannot search: name libraries, as in `amphis search norm --library numpy`",
    );
  }
  const models = await project.describe(places);
  const hits = models
    .flatMap((model, at) => hitsOf(model, places[at], query, most))
    .toSorted((a, b) => b.score - a.score || a.path.length - b.path.length)
    .slice(0, most);
  if (asJson) terminal.write(json(hits));
  else if (hits.length === 0) {
    terminal.tell(
      `nothing in ${places.map(({ name }) => name).join(", ")} is called or described as ${JSON.stringify(query)}\n`,
    );
  } else {
    const rows = hits.map(({ path, kind, summary = "" }) => [path, kind, summary]);
    terminal.write(table(rows));
    terminal.tell(`${styled(terminal, "dim", "amphis help NAME tells more")}\n`);
  }
  return hits.length > 0 ? 0 : 1;
}

/** Libraries of the configuration, and those that have types. */
function usual(project: Project, declared: readonly string[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { name } of project.libraries) {
    const { place } = project.placed(name);
    places.set(`${place.environment}:${place.module}`, place);
  }
  for (const name of declared) {
    const { place } = project.placed(name);
    const key = `${place.environment}:${place.module}`;
    if (!places.has(key)) places.set(key, place);
  }
  return [...places.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What was found in one library, by the names that `amphis help` takes. */
function hitsOf(
  model: LibraryModel,
  place: Place | undefined,
  query: string,
  limit: number,
): readonly SearchHit[] {
  const hits = searchLibraries([model], query, { limit });
  return place?.isOther === true
    ? hits.map((hit) => ({ ...hit, path: place.name + hit.path.slice(place.module.length) }))
    : hits;
}
