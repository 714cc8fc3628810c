import { describe, test } from "vitest";

import { missing } from "../missing.ts";

/** The interpreter of guests. */
export const PYTHON: string = process.env["AMPHIS_PYTHON"] ?? "python3";

const reason = await missing("amphis");

/** Tests with Python guests; one line says why they are skipped where there can be none. */
export function describeCrashes(name: string, tests: () => void): void {
  if (reason === undefined) describe(`${name}`, () => void tests());
  else test(`${name}: tests`, ({ skip }) => skip(reason));
}
