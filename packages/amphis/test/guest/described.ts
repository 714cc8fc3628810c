import { describe, test } from "vitest";

import { missing } from "../missing.ts";

const reason = await missing("numpy, pyarrow, pandas, polars");

/** Tests with a Python guest; one line says why they are skipped where there can be none. */
export function describeGuest(name: string, tests: () => void): void {
  if (reason === undefined) describe(`${name}`, () => void tests());
  else test(`${name}: tests`, ({ skip }) => skip(reason));
}
