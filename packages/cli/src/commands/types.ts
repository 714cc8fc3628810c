import { join, relative, resolve } from "node:path";

import { type LibraryModel, writeTypes, type WriteTypesOptions } from "amphis/library";

import type { TypesFlags } from "../flags.ts";
import { type Place, placed } from "../places.ts";
import { declaredLibraries, Project } from "../project.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** Values that every library gives have methods of their own. */
const ALWAYS = "builtins";

/** The libraries of one environment, and the folder of their declarations. */
interface Part {
  readonly environment: string | undefined;
  readonly folder: string;
  readonly places: ReadonlyMap<string, Place>;
}

interface WrittenPart {
  readonly environment: string | undefined;
  readonly models: readonly LibraryModel[];
  readonly folder: string;
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/** `amphis types`: writes declarations, or compares them. @returns the exit status */
export async function types(
  named: readonly string[],
  { out, check = false, python, environment: only, json: asJson = false }: TypesFlags,
  terminal: Terminal,
): Promise<number> {
  const project = await Project.open("write types", { python }, terminal);
  project.expectEnvironments("write types", only ?? []);
  const all = await partsOf(project, named, only, out);
  const parts = all.filter(
    ({ environment = "" }) => only === undefined || only.includes(environment),
  );
  if (parts.every(({ places }) => places.size === 0)) {
    throw new TypeError(
      "Cannot write types: name libraries, as in `amphis types numpy`, or configure them in amphis.config.ts",
    );
  }
  const written: WrittenPart[] = [];
  for (const part of parts) written.push(await writePart(project, part, all, check));
  const changed = written.flatMap((part) => part.changed);
  const unchanged = written.flatMap((part) => part.unchanged);
  const folder = resolve(out);
  const place = relative(process.cwd(), folder) || ".";
  if (asJson) terminal.write(json({ folder, changed, unchanged }));
  else if (check) tellCheck(place, changed, terminal);
  else tellWritten(written, place, terminal);
  return check && changed.length > 0 ? 1 : 0;
}

/** A folder for each environment; that of the default pool has the one that was asked for. */
async function partsOf(
  project: Project,
  named: readonly string[],
  only: readonly string[] | undefined,
  out: string,
): Promise<readonly Part[]> {
  const parts = new Map<string | undefined, Part & { readonly places: Map<string, Place> }>();
  const partOf = (environment: string | undefined): Map<string, Place> => {
    const folder =
      environment === undefined || environment === project.main ? out : join(out, environment);
    const part = parts.get(environment) ?? { environment, folder, places: new Map() };
    parts.set(environment, part);
    return part.places;
  };
  partOf(project.main);
  for (const each of project.libraries) {
    const places = partOf(each.environment);
    if (!places.has(each.module)) places.set(each.module, each);
  }
  const [elsewhere = project.main] = only?.length === 1 ? only : [];
  for (const name of named) {
    const place = exactly(project, name) ?? project.module(name, elsewhere);
    partOf(place.environment).set(place.module, place);
  }
  for (const { environment, folder, places } of parts.values()) {
    for (const name of await declaredLibraries(folder)) {
      const place = exactly(project, name) ?? project.module(name, environment);
      // What another environment has by now stays as it is.
      if (place.environment === environment && !places.has(name)) places.set(name, place);
    }
  }
  return [...parts.values()];
}

function exactly(project: Project, name: string): Place | undefined {
  const found = placed(name, project.libraries);
  return found?.rest === "" ? found.place : undefined;
}

async function writePart(
  project: Project,
  { environment, folder, places }: Part,
  all: readonly Part[],
  dryRun: boolean,
): Promise<WrittenPart> {
  const isMain = environment === project.main;
  const wanted = [...places.values()];
  if (!places.has(ALWAYS)) wanted.push(project.module(ALWAYS, environment));
  const models = await project.describe(wanted.toSorted((a, b) => (a.module < b.module ? -1 : 1)));
  const options: WriteTypesOptions = {
    folder,
    dryRun,
    aliases: project.names(environment),
    isImported: (path) => {
      const found = placed(path, project.libraries);
      return found === undefined ? isMain : found.place.environment === environment;
    },
    others: isMain
      ? all.filter((part) => part.environment !== environment).map((part) => part.environment ?? "")
      : [],
  };
  const { folder: target, changed, unchanged } = await writeTypes(models, options);
  const shown = (file: string): string => (isMain ? file : `${environment}/${file}`);
  return {
    environment: isMain ? undefined : environment,
    models,
    folder: target,
    changed: changed.map(shown),
    unchanged: unchanged.map(shown),
  };
}

function tellWritten(parts: readonly WrittenPart[], place: string, terminal: Terminal): void {
  const rows = parts.flatMap(({ environment, models, changed }) =>
    models.map(({ name, version = "" }) => {
      const file = `${environment === undefined ? "" : `${environment}/`}${name}.d.ts`;
      const state = changed.includes(file) ? "written" : "up to date";
      return [state, name, environment === undefined ? version : `${version} of ${environment}`];
    }),
  );
  terminal.write(table(rows));
  terminal.write(
    `\n${styled(terminal, "bold", place)} has the types. Add it to "include" in tsconfig.json, and commit it:\n` +
      `  "include": ["src", ${JSON.stringify(place)}]\n`,
  );
}

function tellCheck(place: string, changed: readonly string[], terminal: Terminal): void {
  if (changed.length === 0) {
    terminal.write(`${place} is up to date\n`);
    return;
  }
  terminal.tell(
    `${styled(terminal, "red", "error")} ${place} is out of date: ${changed.join(", ")}; run \`npx amphis types\`\n`,
  );
}
