import { relative } from "node:path";

import { openEnvironment } from "amphis/library";

import { NOTHING, progressLine, projectEnvironments } from "../environments.ts";
import type { InstallFlags } from "../flags.ts";
import { json, table, type Terminal } from "../terminal.ts";

/** `amphis install`: makes the environments of the project, where they are not there yet. */
export async function install(
  { environment: names, frozen, offline = false, json: asJson = false }: InstallFlags,
  terminal: Terminal,
): Promise<void> {
  const { environments } = await projectEnvironments("install", names);
  const line = progressLine(terminal);
  const opened = [];
  try {
    for (const { name, request } of environments) {
      const asked = frozen === undefined ? request : { ...request, frozen };
      opened.push(
        await openEnvironment(asked, {
          offline,
          onProgress: (progress) => line.show(name, progress),
        }),
      );
    }
  } finally {
    line.clear();
  }
  if (asJson) {
    terminal.write(json(opened));
    return;
  }
  if (opened.length === 0) terminal.write(NOTHING);
  const rows = opened.map(({ name, packages, version, prefix }) => {
    const count = packages.length === 1 ? "one package" : `${packages.length} packages`;
    return [name, count, `Python ${version}`, relative(process.cwd(), prefix) || "."];
  });
  terminal.write(table(rows));
  for (const { name, notes } of opened) {
    for (const note of notes) terminal.tell(`${name}: ${note}\n`);
  }
}
