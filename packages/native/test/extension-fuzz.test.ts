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

test.for([1, 2])(
  "the extension reads and writes whatever Python does, alike and within its own memory: seed %d",
  async (seed, { skip }) => {
    if (built.kind === "unavailable") return skip(built.reason);
    if (libraries === undefined) {
      return skip("the compiler has no sanitizer libraries to load first");
    }
    const driver = join(sourceFolder(), "fuzz/values.py");
    const { stdout } = await run(python, [driver, String(seed), "150"], {
      env: {
        AMPHIS_NATIVE: dirname(built.path),
        LD_PRELOAD: libraries,
        // The interpreter keeps memory until its end; and its own allocator would hide ours from the sanitizer.
        ASAN_OPTIONS: "detect_leaks=0",
        PYTHONMALLOC: "malloc",
      },
    });
    expect(stdout.trim()).toBe(`150 rounds of seed ${seed}`);
  },
);
