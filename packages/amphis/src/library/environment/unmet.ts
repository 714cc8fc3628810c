import { type InstalledPackage, requirementsOf } from "./installed.ts";
import { holds, type MarkerEnvironment, parseMarker } from "./marker.ts";
import { normalizeName, parseRequirement, type Requirement } from "./requirement.ts";
import { parseSpecifier, parseVersion, satisfies } from "./version.ts";

interface Need extends Requirement {
  /** Who needs it; empty when it was asked for. */
  readonly by: string;
}

/**
 * What an environment lacks of these requirements, and of what the packages themselves need, one sentence each.
 *
 * Conditions decide with the environment's own Python which of them count.
 */
export async function unmetIn(
  installed: readonly InstalledPackage[],
  requirements: readonly string[],
  markers: MarkerEnvironment,
): Promise<readonly string[]> {
  const packages = new Map(installed.map((each) => [each.name, each]));
  const waiting: Need[] = requirements
    .map((text) => ({ ...parseRequirement(text), by: "" }))
    .filter(({ marker }) => counts(marker, markers, []));
  const seen = new Set<string>();
  const problems = new Set<string>();
  for (let need = waiting.pop(); need !== undefined; need = waiting.pop()) {
    const key = JSON.stringify([need.package, need.extras, need.specifier]);
    if (seen.has(key)) continue;
    seen.add(key);
    const found = packages.get(need.package);
    const problem = problemOf(need, found);
    if (problem !== undefined) problems.add(problem);
    if (found !== undefined) waiting.push(...(await needsOf(found, need.extras, markers)));
  }
  return [...problems].sort();
}

function problemOf(need: Need, found: InstalledPackage | undefined): string | undefined {
  const by = need.by === "" ? "" : `, which ${need.by} needs`;
  if (found === undefined) return `${need.package}${need.specifier} is not installed${by}`;
  const version = parseVersion(found.version);
  const clauses = parseSpecifier(need.specifier) ?? [];
  if (version === undefined || satisfies(version, clauses)) return undefined;
  return `${need.package} ${found.version} is installed, and not ${need.specifier}${by}`;
}

async function needsOf(
  found: InstalledPackage,
  extras: readonly string[],
  markers: MarkerEnvironment,
): Promise<readonly Need[]> {
  const needs: Need[] = [];
  for (const text of await requirementsOf(found)) {
    const requirement = readable(text);
    if (requirement === undefined || !counts(requirement.marker, markers, extras)) continue;
    needs.push({ ...requirement, by: found.name });
  }
  return needs;
}

/** Metadata of old packages may hold what no tool understands any more: that is not for us to judge. */
function readable(text: string): Requirement | undefined {
  try {
    return parseRequirement(text);
  } catch {
    return undefined;
  }
}

function counts(text: string, markers: MarkerEnvironment, extras: readonly string[]): boolean {
  const marker = text === "" ? undefined : parseMarker(text);
  if (marker === undefined) return text === "";
  return ["", ...extras.map(normalizeName)].some((extra) => holds(marker, markers, extra));
}
