import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];

async function printed(name) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return stdout;
}

if (python === undefined) {
  test("libraries", ({ skip }) => skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
} else {
  test("results are kept, hooks run, members are refused, calls are traced and counted", async () => {
    const lines = (await printed("main.mjs")).split("\n");
    // What Python prints comes when it comes.
    expect(lines).toContain("python: forecast is set up");
    expect(lines.filter((line) => !line.startsWith("python: ")).join("\n")).toBe(`1.5 1.5
1
before - forecast_hooks:check: ValueError: a trend takes two values at least
Cannot use internal_state of forecast: the configuration excludes it
trend python [ [ 2, 6, 8 ] ] 3
trend cache [ [ 2, 6, 8 ] ] 3
trend 5 2 3 []
`);
  });

  test("calls travel together, and types of one's own are themselves on both sides", async () => {
    expect(await printed("batch.mjs")).toBe(`[ 103, 106, 104 ]
1
Money { amount: 7, currency: 'EUR' }
2 [ 'forecast:Money' ]
`);
  });
}
