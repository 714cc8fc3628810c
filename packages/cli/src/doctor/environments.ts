import { relative } from "node:path";

import type { ConfiguredEnvironment } from "amphis/config";
import { lockEnvironment, readyEnvironment } from "amphis/library";

import { type Finding, messageOf } from "./finding.ts";

/** How an environment stands; nothing of it is made. */
export interface EnvironmentStanding {
  readonly finding: Finding;
  /** Its Python, where it is ready. */
  readonly python: string | undefined;
}

export async function environmentStanding({
  name: own,
  request,
}: ConfiguredEnvironment): Promise<EnvironmentStanding> {
  const name = `environment ${own}`;
  const limited = (text: string, advice: string): EnvironmentStanding => ({
    finding: { name, state: "limited", text, advice },
    python: undefined,
  });
  try {
    const { state, path, added, removed } = await lockEnvironment(request, { check: true });
    if (state === "stale") {
      const changes = [...added.map((each) => `+ ${each}`), ...removed.map((each) => `- ${each}`)];
      const file = relative(process.cwd(), path);
      return limited(
        `${file} is out of date: ${changes.join(", ")}`,
        "`npx amphis lock` brings it up to date; commit it",
      );
    }
    const ready = await readyEnvironment(request);
    if (ready === undefined) {
      return limited("locked, and not installed yet", "`npx amphis install` installs it");
    }
    const { version, packages, prefix } = ready;
    const count = `${packages.length} package${packages.length === 1 ? "" : "s"}`;
    const kept = state === "none" ? "used as it is" : "as locked";
    const place = relative(process.cwd(), prefix) || ".";
    const text = `Python ${version}, ${count}, ${kept}, in ${place}`;
    return { finding: { name, state: "good", text }, python: ready.python };
  } catch (error) {
    return limited("it cannot be used", messageOf(error));
  }
}
