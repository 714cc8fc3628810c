import { expect, test } from "vitest";

import { soak } from "./soak.ts";

/** The form for every day; `npm run bench -- soak` takes as long as is wanted. */
const MS = 60_000;

test("every call settles once, with its value or a typed error, while workers are killed at random", async ({
  annotate,
}) => {
  const python = process.env["AMPHIS_PYTHON"];
  const { calls, right, rejected, wrong, kills, alive, leaked } = await soak({ python, ms: MS });
  await annotate(`${calls} calls, ${right} right, ${JSON.stringify(rejected)}, ${kills} kills`);
  expect(wrong).toEqual([]);
  expect(right + Object.values(rejected).reduce((sum, each) => sum + each, 0)).toBe(calls);
  expect(kills).toBeGreaterThan(0);
  expect(alive).toBe(4);
  expect(leaked).toEqual({ descriptors: 0, processes: 0, leases: 0 });
}, 300_000);
