import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { sourceFolder } from "../src/place.ts";
import { buildFuzzer, buildMemoryFuzzer } from "./checked.ts";
import { wellBuilt } from "./core.ts";

const run = promisify(execFile);
const corpus = join(sourceFolder(), "fuzz/corpus");
const fuzzer = wellBuilt(buildFuzzer());
const path = fuzzer.kind === "built" ? fuzzer.path : "";

if (fuzzer.kind === "unavailable") {
  test("ring under the sanitizers", ({ skip }) => skip(fuzzer.reason));
}

test.runIf(path !== "")("every kept input ends well under the sanitizers", async () => {
  const files = readdirSync(corpus).map((name) => join(corpus, name));
  const { stdout } = await run(path, files);
  expect(stdout.trim().split("\n")).toEqual(files);
});

test.runIf(path !== "").each([1, 2, 3])(
  "inputs of seed %d end well under the sanitizers, with a hostile hand in every second one",
  async (seed) => {
    const { stdout } = await run(path, [String(seed), "1500"]);
    expect(stdout.trim()).toBe(`1500 inputs of seed ${seed}`);
  },
);

const memory = wellBuilt(buildMemoryFuzzer());

test.for([1, 2, 3])(
  "whatever a hostile peer passes over a socket is refused or stays touchable, and leaves nothing behind: seed %d",
  async (seed, { skip }) => {
    if (memory.kind === "unavailable") return skip(memory.reason);
    const { stdout } = await run(memory.path, [String(seed), "5000"]);
    expect(stdout.trim()).toBe(`5000 rounds of seed ${seed}`);
  },
);
