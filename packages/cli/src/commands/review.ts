import { Approvals, type Finding, type LibraryReview } from "amphis/library";

import type { ReviewFlags } from "../flags.ts";
import { Project } from "../project.ts";
import { countsText, reviewPlace, standingOf, standingText, type Standing } from "../standing.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** Places of one kind that are shown unless all are asked for. */
const MOST_PLACES = 10;

/** `amphis review LIBRARY`: what its code does that somebody may want to know before it runs. */
export async function review(
  name: string,
  { python, environment, all = false, json: asJson = false }: ReviewFlags,
  terminal: Terminal,
): Promise<void> {
  const project = await Project.open("review", { python, environment }, terminal);
  const { place } = project.placed(name);
  const configured = project.configured(place);
  const reviewed = await reviewPlace(
    project,
    { ...place, name: configured?.name ?? place.name },
    configured?.package,
  );
  const file = project.loaded?.approvalsFile;
  if (configured === undefined || file === undefined) {
    const text = "not in the configuration, so that nobody has to approve it";
    if (asJson) terminal.write(json(reviewed));
    else tell(reviewed, text, all, terminal);
    return;
  }
  const standing: Standing = standingOf(reviewed, await Approvals.open(file), "all");
  const { state, decision } = standing;
  if (asJson) terminal.write(json({ ...reviewed, state, decision }));
  else tell(reviewed, standingText(standing, terminal), all, terminal);
}

function tell(
  { library, version, files, fingerprint, counts, findings }: LibraryReview,
  standing: string,
  all: boolean,
  terminal: Terminal,
): void {
  const name = styled(terminal, "bold", [library, version].filter((part) => part !== "").join(" "));
  terminal.write(`${name}  ${standing}\n`);
  terminal.write(
    table([
      ["  fingerprint", fingerprint],
      ["  files", String(files)],
      ["  found", countsText(counts)],
    ]),
  );
  for (const [kind, count] of Object.entries(counts)) {
    const places = findings.filter((finding) => finding.kind === kind);
    const shown = all ? places : places.slice(0, MOST_PLACES);
    terminal.write(`\n${styled(terminal, "bold", kind)}\n`);
    terminal.write(table(shown.map((finding) => [`  ${placeText(finding)}`, finding.what])));
    const left = count - shown.length;
    if (left > 0) terminal.write(`  and ${left} more${all ? "" : ", with --all"}\n`);
  }
}

function placeText({ file, line }: Finding): string {
  return line === 0 ? file : `${file}:${line}`;
}
