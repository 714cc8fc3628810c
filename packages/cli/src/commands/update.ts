import { join } from "node:path";

import { nearNames } from "@amphis/protocol";
import type { LoadedConfig } from "amphis/config";
import {
  type LibrariesUpdate,
  type LibraryUpdate,
  type PackageChange,
  readLock,
  type SurfaceComparison,
  updateLibraries,
  type UpdateProgress,
} from "amphis/library";

import { NOTHING, progressLine, projectEnvironments } from "../environments.ts";
import type { UpdateFlags } from "../flags.ts";
import { declaredLibraries } from "../project.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** What nobody reads to its end shows nothing. */
const MOST_CHANGES = 20;

/** `amphis update [library...]`: newer versions, and what they do to the project. */
export async function update(
  named: readonly string[],
  { environment: names, out, all = false, json: asJson = false }: UpdateFlags,
  terminal: Terminal,
): Promise<void> {
  const { loaded, environments } = await projectEnvironments("update", names);
  const made = environments.filter(({ request }) => request.prefix === undefined);
  const packages = await packagesOf(named, loaded);
  const line = progressLine(terminal);
  const updates: LibrariesUpdate[] = [];
  try {
    for (const { name, request, libraries: installed } of made) {
      const onProgress = (progress: UpdateProgress): void => {
        if ("prefix" in progress || !("library" in progress)) line.show(name, progress);
      };
      const options = { onProgress, packages: packages.length === 0 ? undefined : packages };
      const inUse = loaded.librariesInUse(installed);
      updates.push(await updateLibraries(request, inUse, options));
    }
  } finally {
    line.clear();
  }
  if (asJson) {
    terminal.write(json(updates));
    return;
  }
  if (made.length === 0) terminal.write(NOTHING);
  for (const each of updates) tellUpdate(each, all, terminal);
  await tellTypes(updates, out, terminal);
}

/** Names of packages; what is configured goes by its own name too. */
async function packagesOf(
  named: readonly string[],
  { config: { libraries = {} }, folder }: LoadedConfig,
): Promise<readonly string[]> {
  if (named.length === 0) return [];
  const locked = await readLock(join(folder, "amphis.lock"));
  const packages = [...locked.values()].flatMap((each) => each.packages.map(({ name }) => name));
  const known = [...new Set([...Object.keys(libraries), ...packages])];
  for (const name of named) {
    if (known.includes(name)) continue;
    const [near] = nearNames(name, known);
    const hint = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
    throw new TypeError(`Cannot update ${name}: no library or package is called that; ${hint}`);
  }
  return named.map((name) => libraries[name]?.package ?? name);
}

function tellUpdate(
  { environment: { name }, changes, libraries }: LibrariesUpdate,
  all: boolean,
  terminal: Terminal,
): void {
  if (changes.length === 0) {
    terminal.write(`${name}: nothing is newer\n`);
    return;
  }
  terminal.write(`${name}\n`);
  terminal.write(table(changes.map((change) => [`  ${change.name}`, versionsOf(change)])));
  for (const library of libraries) tellLibrary(library, all, terminal);
}

function versionsOf({ from, to }: PackageChange): string {
  if (from === undefined) return `${to} is new`;
  return to === undefined ? `${from} is gone` : `${from} -> ${to}`;
}

function tellLibrary(
  { name, comparison, failure, affected }: LibraryUpdate,
  all: boolean,
  terminal: Terminal,
): void {
  terminal.write("\n");
  if (comparison === undefined) {
    terminal.write(`${name}: what changed in it cannot be told: ${failure ?? ""}\n`);
    return;
  }
  const { from = "?", to = "?", breaking, changed, added } = comparison;
  const title = styled(terminal, "bold", `${name} ${from} -> ${to}`);
  terminal.write(`${title}: ${summaryOf(comparison)}\n`);
  const shown = all ? [...breaking, ...changed, ...added] : breaking.slice(0, MOST_CHANGES);
  const rows = shown.map(({ impact, path, text }) => [`  ${impact}`, path, text]);
  terminal.write(table(rows));
  const left = breaking.length - shown.length;
  if (left > 0) terminal.write(`  and ${left} more breaking; --all shows everything\n`);
  if (affected.length === 0) return;
  const warning = styled(terminal, "yellow", "the configuration names");
  terminal.write(`  ${warning} ${affected.join(", ")}, which that is about\n`);
}

function summaryOf({ breaking, added, changed }: SurfaceComparison): string {
  const breaks = breaking.length === 0 ? "nothing breaks" : `${breaking.length} breaking`;
  return `${breaks}, ${added.length} new, ${changed.length} changed`;
}

/** Declarations are of the version that they were made of. */
async function tellTypes(
  updates: readonly LibrariesUpdate[],
  out: string,
  terminal: Terminal,
): Promise<void> {
  const declared = await declaredLibraries(out);
  const all = updates.flatMap(({ libraries }) => libraries);
  const compared = new Set(all.map(({ comparison }) => comparison?.library));
  const old = declared.filter((library) => compared.has(library));
  if (old.length === 0) return;
  terminal.write(
    `\n${out} has types of the version before: ${old.join(", ")}; run \`npx amphis types\`, and the compiler shows what is affected\n`,
  );
}
