import { type EnvironmentReport, repairEnvironment, verifyEnvironment } from "amphis/library";

import { NOTHING, progressLine, projectEnvironments } from "../environments.ts";
import type { VerifyFlags } from "../flags.ts";
import { json, styled, type Terminal } from "../terminal.ts";

/** What was found, and whether it is right now. */
interface Verdict extends EnvironmentReport {
  readonly isRepaired: boolean;
}

/** `amphis verify`: looks at every file of environments, and mends them if it may. @returns the exit status */
export async function verify(
  { environment: names, repair = false, json: asJson = false }: VerifyFlags,
  terminal: Terminal,
): Promise<number> {
  const { environments } = await projectEnvironments("verify", names);
  const line = progressLine(terminal);
  const verdicts: Verdict[] = [];
  try {
    for (const { name, request } of environments) {
      const report = await verifyEnvironment(request);
      const isRepaired = repair && report.problems.length > 0 && request.prefix === undefined;
      if (isRepaired) {
        await repairEnvironment(request, { onProgress: (progress) => line.show(name, progress) });
      }
      verdicts.push({ ...report, isRepaired });
    }
  } finally {
    line.clear();
  }
  if (asJson) terminal.write(json(verdicts));
  else {
    if (verdicts.length === 0) terminal.write(NOTHING);
    for (const verdict of verdicts) tell(verdict, repair, terminal);
  }
  return verdicts.some(({ problems, isRepaired }) => problems.length > 0 && !isRepaired) ? 1 : 0;
}

function tell(
  { environment, problems, isRepaired }: Verdict,
  mayRepair: boolean,
  terminal: Terminal,
): void {
  const [style, state] =
    problems.length === 0
      ? (["green", "as it should be"] as const)
      : isRepaired
        ? (["yellow", "repaired"] as const)
        : (["red", "broken"] as const);
  terminal.write(`${environment}: ${styled(terminal, style, state)}\n`);
  for (const { text } of problems) terminal.write(`  ${text}\n`);
  if (problems.length === 0 || isRepaired) return;
  const advice = mayRepair
    ? "it is used as it is, so that its own tool must repair it"
    : "`npx amphis verify --repair` puts it right";
  terminal.tell(`  ${advice}\n`);
}
