import { dirname } from "node:path";

import { afterAll, expect, test } from "vitest";

import { buildCheckedNode, sanitizerLibraries } from "./checked.ts";
import { Child, Programs } from "./child.ts";
import { keeper, wellBuilt } from "./core.ts";

const built = wellBuilt(buildCheckedNode());
const libraries = sanitizerLibraries();
const keep = keeper();
const programs = new Programs();
afterAll(() => programs[Symbol.asyncDispose]());

test("the addon touches no memory that is not its own, in whatever order things are closed", async ({
  skip,
}) => {
  if (built.kind === "unavailable") return skip(built.reason);
  if (libraries === undefined) return skip("the compiler has no sanitizer libraries to load first");
  const [node = "", script = ""] = await programs.node("exercise");
  // Node keeps memory until its end that the sanitizer would take for leaks.
  const set = ["env", `LD_PRELOAD=${libraries}`, "ASAN_OPTIONS=detect_leaks=0"];
  const command = [...set, node, "--expose-gc", script, dirname(built.path)];
  expect(await keep(new Child(command, [])).output()).toBe("checked");
});
