import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { sourceFolder } from "../src/place.ts";
import { buildCheckedPython, sanitizerLibraries } from "./checked.ts";
import { wellBuilt } from "./core.ts";

const run = promisify(execFile);
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const built = wellBuilt(buildCheckedPython(python));
const libraries = sanitizerLibraries();

/** Runs a driver over the extension that was built with the sanitizers, and gives what it printed. */
async function drive(name: string, seed: number, rounds: number): Promise<string> {
  const driver = join(sourceFolder(), "fuzz", name);
  const { stdout } = await run(python, [driver, String(seed), String(rounds)], {
    env: {
      AMPHIS_NATIVE: "path" in built ? dirname(built.path) : "",
      LD_PRELOAD: libraries,
      // The interpreter keeps memory until its end; and its own allocator would hide ours from the sanitizer.
      ASAN_OPTIONS: "detect_leaks=0",
      PYTHONMALLOC: "malloc",
    },
  });
  return stdout.trim();
}

function whyNot(): string | undefined {
  if (built.kind === "unavailable") return built.reason;
  return libraries === undefined
    ? "the compiler has no sanitizer libraries to load first"
    : undefined;
}

test.for([1, 2])(
  "the extension reads and writes whatever Python does, alike and within its own memory: seed %d",
  async (seed, { skip }) => {
    const reason = whyNot();
    if (reason !== undefined) return skip(reason);
    expect(await drive("values.py", seed, 150)).toBe(`150 rounds of seed ${seed}`);
  },
);

test.for([1, 2])(
  "the extension judges whatever address it is told of, as its rules say: seed %d",
  async (seed, { skip }) => {
    const reason = whyNot();
    if (reason !== undefined) return skip(reason);
    expect(await drive("hosts.py", seed, 500)).toBe(`500 rounds of seed ${seed}`);
  },
);
