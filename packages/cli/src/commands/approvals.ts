import { nearNames } from "@amphis/protocol";
import type { ConfiguredLibrary, LoadedConfig } from "amphis/config";
import { Approvals, type LibraryReview } from "amphis/library";

import { nothingConfigured } from "../environments.ts";
import type { DecisionFlags, ReadFlags } from "../flags.ts";
import { Project } from "../project.ts";
import {
  countsText,
  requiredOf,
  reviewPlace,
  shortFingerprint,
  type Standing,
  standingOf,
  standingText,
} from "../standing.ts";
import { json, table, type Terminal } from "../terminal.ts";

/** `amphis approvals`: how every configured library stands. @returns the exit status: 1 where somebody has to decide, or decided against one */
export async function approvals(
  { python, json: asJson = false }: ReadFlags,
  terminal: Terminal,
): Promise<number> {
  const { project, loaded } = await openConfigured("list approvals", python, terminal);
  const decided = await Approvals.open(loaded.approvalsFile);
  const standings: Standing[] = [];
  for (const library of project.libraries) {
    const reviewed = await reviewPlace(project, library, library.package);
    standings.push(standingOf(reviewed, decided, requiredOf(loaded)));
  }
  if (asJson) terminal.write(json(standings));
  else tellAll(standings, loaded, terminal);
  return standings.some(({ isOpen }) => isOpen) ? 1 : 0;
}

function tellAll(
  standings: readonly Standing[],
  { config: { policies = {} } }: LoadedConfig,
  terminal: Terminal,
): void {
  if (standings.length === 0) terminal.write("the configuration names no libraries\n");
  const rows = standings.map((standing) => [
    standing.library,
    standing.version || "-",
    shortFingerprint(standing.fingerprint),
    standingText(standing, terminal),
    countsText(standing.counts),
  ]);
  terminal.write(table(rows));
  if (standings.some(({ isOpen }) => isOpen)) {
    terminal.tell(
      "`npx amphis review LIBRARY` shows what one does; `npx amphis approve LIBRARY` or `reject` decides\n",
    );
  }
  if ((policies.approval?.required ?? "none") === "none") {
    terminal.tell(
      "policies.approval.required is not set in the configuration: libraries run whether they are approved or not\n",
    );
  }
}

/** `amphis approve LIBRARY`, `amphis reject LIBRARY`: decides about its code as it is now. */
export async function decide(
  action: "approve" | "reject",
  name: string,
  { python, reason, by, fingerprint, json: asJson = false }: DecisionFlags,
  terminal: Terminal,
): Promise<void> {
  const { project, loaded } = await openConfigured(action, python, terminal);
  const library = expectConfigured(action, name, project);
  const reviewed = await reviewPlace(project, library, library.package);
  if (fingerprint !== undefined) expectFingerprint(action, reviewed, fingerprint);
  const decided = await Approvals.open(loaded.approvalsFile);
  await decided[action](reviewed, { by, reason });
  const standing = standingOf(reviewed, decided, requiredOf(loaded));
  if (asJson) {
    terminal.write(json({ ...standing, file: loaded.approvalsFile }));
    return;
  }
  const { library: own, version, counts } = standing;
  terminal.write(
    `${own} ${version || "-"}  ${shortFingerprint(standing.fingerprint)}  ${standingText(standing, terminal)}  ${countsText(counts)}\n`,
  );
  terminal.tell(`${loaded.approvalsFile} and its log have it; commit both\n`);
}

async function openConfigured(
  act: string,
  python: string | undefined,
  terminal: Terminal,
): Promise<{ readonly project: Project; readonly loaded: LoadedConfig }> {
  const project = await Project.open(act, { python }, terminal);
  const { loaded } = project;
  if (loaded === undefined) throw nothingConfigured(act, process.cwd());
  return { project, loaded };
}

function expectConfigured(act: string, name: string, project: Project): ConfiguredLibrary {
  const library = project.libraries.find((one) => one.name === name);
  const found = library ?? project.configured(project.placed(name).place);
  if (found !== undefined) return found;
  const known = project.libraries.map((one) => one.name);
  const [near] = nearNames(name, known);
  const hint =
    near === undefined
      ? `it names ${known.length === 0 ? "none" : known.join(", ")}`
      : `did you mean ${near}?`;
  throw new TypeError(`Cannot ${act} ${name}: the configuration names no such library; ${hint}`);
}

/** Between a look at code and the decision about it, it may have changed. */
function expectFingerprint(act: string, reviewed: LibraryReview, expected: string): void {
  if (/^[\da-f]{8,64}$/u.test(expected) && reviewed.fingerprint.startsWith(expected)) return;
  throw new TypeError(
    `Cannot ${act} ${reviewed.library}: its fingerprint is ${reviewed.fingerprint}, not ${expected}; look at it again with \`npx amphis review ${reviewed.library}\``,
  );
}
