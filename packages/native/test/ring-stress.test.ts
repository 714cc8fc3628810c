import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { RING } from "../src/build.ts";
import { sourceFolder } from "../src/place.ts";
import { buildArmStress, buildSpin, buildStress } from "./checked.ts";
import { wellBuilt } from "./core.ts";

const run = promisify(execFile);
const stress = wellBuilt(buildStress());
const records = process.env["AMPHIS_LONG"] === "1" ? 5_000_000 : 100_000;

test.for([1, 2, 3])(
  "two threads move every record through all kinds of sleep without a race: seed %d",
  { timeout: 300_000 },
  async (seed, { skip }) => {
    if (stress.kind === "unavailable") return skip(stress.reason);
    const { stdout } = await run(stress.path, [String(seed), String(records)]);
    expect(stdout.trim()).toBe(`${records} records of seed ${seed}`);
  },
);

test("the ring works on arm64, as far as an emulator shows", async ({ skip }) => {
  const arm = wellBuilt(buildArmStress());
  if (arm.kind === "unavailable") return skip(arm.reason);
  const emulator = process.arch === "arm64" ? [] : ["qemu-aarch64"];
  const [program = "", ...rest] = [...emulator, arm.path, "1", "100000"];
  if (spawnSync(program, ["--version"]).error !== undefined) return skip(`there is no ${program}`);
  expect((await run(program, rest)).stdout.trim()).toBe("100000 records of seed 1");
});

test("a side spins while that pays, tries again now and then, and never on its only CPU", async ({
  skip,
}) => {
  const spin = wellBuilt(buildSpin());
  if (spin.kind === "unavailable") return skip(spin.reason);
  expect((await run(spin.path)).stdout.trim()).toBe("well");
});

test("the sanitizer finds a position that is published without its records", async ({ skip }) => {
  if (stress.kind === "unavailable") return skip(stress.reason);
  const folder = mkdtempSync(join(tmpdir(), "amphis-race-"));
  cpSync(sourceFolder(), folder, { recursive: true });
  const file = join(folder, "ring.c");
  const right = readFileSync(file, "utf8");
  const wrong = right.replace(
    "word, position, memory_order_release",
    "word, position, memory_order_relaxed",
  );
  expect(wrong).not.toBe(right);
  writeFileSync(file, wrong);
  const flags = ["-O1", "-g", "-fsanitize=thread", "-Wno-tsan", "-pthread", "-o", "racing"];
  const compiler = process.env["CC"] ?? "cc";
  const made = spawnSync(compiler, [...flags, "stress/ring.c", ...RING], { cwd: folder });
  expect(made.status).toBe(0);
  const ended = spawnSync(join(folder, "racing"), ["1", "2000"], { encoding: "utf8" });
  expect(ended.stderr).toContain("data race");
  rmSync(folder, { recursive: true });
});
