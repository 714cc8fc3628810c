import { searchLibraries } from "amphis/library";

import { declaredLibraries, describe, openProject } from "../project.ts";
import type { SearchFlags } from "../flags.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** `amphis search "matrix norm"`. @returns the exit status: 1 where nothing was found */
export async function search(
  query: string,
  { python, library = [], limit, out, json: asJson = false }: SearchFlags,
  terminal: Terminal,
): Promise<number> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1) {
    throw new RangeError(`Cannot search: --limit must be a number from 1, got ${limit}`);
  }
  const project = await openProject(python, terminal);
  const usual = new Set([...project.libraries, ...(await declaredLibraries(out))]);
  const libraries = library.length > 0 ? library : [...usual].toSorted();
  if (libraries.length === 0) {
    throw new TypeError(
      "Cannot search: name libraries, as in `amphis search norm --library numpy`",
    );
  }
  const models = await describe(libraries, project.python, terminal);
  const hits = searchLibraries(models, query, { limit: most });
  if (asJson) terminal.write(json(hits));
  else if (hits.length === 0) {
    terminal.tell(
      `nothing in ${libraries.join(", ")} is called or described as ${JSON.stringify(query)}\n`,
    );
  } else {
    const rows = hits.map(({ path, kind, summary = "" }) => [path, kind, summary]);
    terminal.write(table(rows));
    terminal.tell(`${styled(terminal, "dim", "amphis help NAME tells more")}\n`);
  }
  return hits.length > 0 ? 0 : 1;
}
