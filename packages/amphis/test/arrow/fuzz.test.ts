import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bundleText } from "../programs.ts";
import { filesOf, GOLDEN, isSuitePresent, refusedFor, suite, WHY_ABSENT } from "./suite.ts";

const MEMORY_BYTES = 512 * 1_048_576;
const WATCHDOG_MS = 30_000;
/** More rows than any of the files has; a column of nulls may say that it has any number. */
const ROWS = 1_000_000;

/**
 * Reads files, each as it is and with some bytes changed; any error but those of tables ends it. Says how much memory it had at most, in KiB.
 */
const READ = `
import { readFileSync } from "node:fs";
import { openTable } from "./../memory/index.ts";

function read(bytes) {
  try {
    for (const column of openTable({ bytes }).children) {
      for (let row = 0; row < Math.min(column.length, ${ROWS}); row += 1) column.at(row);
    }
  } catch (error) {
    if (!String(error.code).startsWith("ARROW_")) throw error;
  }
}

let state = 1;
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state % below;
}

const [changes, ...paths] = process.argv.slice(2);
for (const path of paths) {
  const bytes = new Uint8Array(readFileSync(path));
  read(bytes);
  for (let change = 0; change < Number(changes); change += 1) {
    const other = bytes.slice();
    for (let at = 0; at < 3; at += 1) other[random(Math.min(bytes.length, 2000))] = random(256);
    read(other);
  }
}
console.log(process.resourceUsage().maxRSS);
`;

const fuzzed = filesOf("fuzz", /./u);
const golden = GOLDEN.filter((name) => refusedFor(name) === undefined);

if (fuzzed.length === 0) {
  test("files that crashed other readers", ({ skip }) => skip("the suite has no folder fuzz here"));
}

if (isSuitePresent) {
  describe("in a child with little memory and time", { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "amphis-arrow-"));
    let program = "";

    beforeAll(async () => {
      program = await bundleText(READ, "read-tables", folder);
    });

    afterAll(() => rmSync(folder, { recursive: true }));

    async function peakBytes(changes: number, names: readonly string[]): Promise<number> {
      const paths = names.map((name) => `${suite}/${name}`);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--max-old-space-size=384", program, String(changes), ...paths],
        { timeout: WATCHDOG_MS, killSignal: "SIGKILL" },
      );
      return Number(stdout) * 1024;
    }

    for (const name of fuzzed) {
      test(`${name} is read or refused`, async () => {
        expect(await peakBytes(0, [name])).toBeLessThan(MEMORY_BYTES);
      });
    }

    test("golden files with changed bytes are read or refused", async () => {
      expect(golden.length).toBeGreaterThan(100);
      for (let start = 0; start < golden.length; start += 32) {
        expect(await peakBytes(10, golden.slice(start, start + 32))).toBeLessThan(MEMORY_BYTES);
      }
    });
  });
} else {
  test("changed files", ({ skip }) => skip(WHY_ABSENT));
}
