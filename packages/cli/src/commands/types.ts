import { relative } from "node:path";

import { writeTypes } from "amphis/library";

import { declaredLibraries, describe, openProject } from "../project.ts";
import type { TypesFlags } from "../flags.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** Values that every library gives have methods of their own. */
const ALWAYS = "builtins";

/** `amphis types`: writes declarations, or compares them. @returns the exit status */
export async function types(
  named: readonly string[],
  { out, check = false, python, json: asJson = false }: TypesFlags,
  terminal: Terminal,
): Promise<number> {
  const project = await openProject(python, terminal);
  const declared = await declaredLibraries(out);
  const wanted = new Set([...named, ...project.libraries, ...declared]);
  if (wanted.size === 0) {
    throw new TypeError(
      "Cannot write types: name libraries, as in `amphis types numpy`, or configure them in amphis.config.ts",
    );
  }
  const libraries = [...wanted.add(ALWAYS)].toSorted();
  const models = await describe(libraries, project.python, terminal);
  const { folder, changed, unchanged } = await writeTypes(models, {
    folder: out,
    aliases: project.aliases,
    dryRun: check,
  });
  const place = relative(process.cwd(), folder) || ".";
  if (asJson) terminal.write(json({ folder, changed, unchanged }));
  else if (check) tellCheck(place, changed, terminal);
  else {
    const rows = models.map(({ name, version = "" }) => [
      changed.includes(`${name}.d.ts`) ? "written" : "up to date",
      name,
      version,
    ]);
    terminal.write(table(rows));
    terminal.write(
      `\n${styled(terminal, "bold", place)} has the types. Add it to "include" in tsconfig.json, and commit it:\n` +
        `  "include": ["src", ${JSON.stringify(place)}]\n`,
    );
  }
  return check && changed.length > 0 ? 1 : 0;
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
