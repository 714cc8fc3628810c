import type { Mismatch } from "./check.ts";
import type { ConfigPath } from "./config-path.ts";
import type { ConfigLayer } from "./options.ts";
import { mismatch } from "./whole-mismatches.ts";

/**
 * What is wrong with versions and requirements, as those read them who install packages.
 *
 * They are loaded only where there is something to read, and whoever opens Python needs them then.
 */
export async function requirementMismatches({
  libraries = {},
  environments = {},
}: ConfigLayer): Promise<readonly Mismatch[]> {
  const versions = Object.entries(libraries).filter(([, { version }]) => version !== undefined);
  const lists = Object.entries(environments).filter(([, { dependencies }]) => dependencies);
  if (versions.length === 0 && lists.length === 0) return [];
  const { parseRequirement, requirementOf } = await import("../library/index.ts");
  const wrong: Mismatch[] = [];
  const check = (path: ConfigPath, text: string, expected: string, read: () => unknown): void => {
    if (!succeeds(read)) wrong.push(mismatch(path, expected, JSON.stringify(text)));
  };
  for (const [name, { package: own = name, version = "" }] of versions) {
    const path = ["libraries", name, "version"];
    const read = (): unknown => requirementOf({ package: own, version });
    check(path, version, "versions such as 2.1.3 or >=2.1,<3", read);
  }
  for (const [name, { dependencies = [] }] of lists) {
    for (const [index, text] of dependencies.entries()) {
      const path = ["environments", name, "dependencies", index];
      check(path, text, "a requirement such as requests>=2.31", () => parseRequirement(text));
    }
  }
  return wrong;
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
