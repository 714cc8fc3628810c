import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { findInterpreter } from "./interpreter.mjs";
import { buildNative, findCompiler, nativeDigest, nativeOutputsExist } from "./native.mjs";
import { run } from "./process.mjs";
import { repositoryRoot } from "./root.mjs";

const { version: compiler } = await findCompiler();
const interpreter = await findInterpreter();
const isPossible = process.platform === "linux" && compiler !== undefined;

let folder = "";

/** A repository that holds the sources of the native core, what builds it, and the installed packages. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-native-step-"));
  await mkdir(join(folder, "python/src/amphis/_internal/native"), { recursive: true });
  await cp(join(repositoryRoot, "native"), join(folder, "native"), { recursive: true });
  for (const part of ["dist", "src", "package.json"]) {
    const place = `packages/native/${part}`;
    await cp(join(repositoryRoot, place), join(folder, place), { recursive: true });
  }
  await symlink(join(repositoryRoot, "node_modules"), join(folder, "node_modules"), "junction");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function options() {
  const pidFile = join(folder, "tool.pid");
  return { show: false, signal: new AbortController().signal, pidFile };
}

describe("native core", () => {
  test("compiler that does not run has no version", async () => {
    expect(await findCompiler({ ...process.env, CC: "no-such-compiler" })).toEqual({
      program: "no-such-compiler",
      version: undefined,
    });
  });

  test("digest changes with a source, the compiler and the interpreter", async () => {
    const first = await nativeDigest(folder, "cc 1", interpreter);
    expect(await nativeDigest(folder, "cc 1", interpreter)).toBe(first);
    const others = [
      await nativeDigest(folder, "cc 2", interpreter),
      await nativeDigest(folder, "cc 1", { ...interpreter, path: "/elsewhere" }),
    ];
    await writeFile(join(folder, "native/ring.c"), "");
    others.push(await nativeDigest(folder, "cc 1", interpreter));
    expect(new Set([first, ...others]).size).toBe(4);
  });

  test("is built where nothing was, and Python programs of the repository find it", async ({
    skip,
  }) => {
    if (!isPossible) skip("there is no C compiler, or this is not Linux");
    expect(await nativeOutputsExist(folder)).toBe(false);
    const reasons = await buildNative(folder, interpreter, options());
    if (reasons.some((reason) => reason.includes("Python.h"))) skip(reasons.join("; "));
    expect(reasons).toEqual([]);
    expect(await nativeOutputsExist(folder)).toBe(true);
    await cp(join(repositoryRoot, "python/src"), join(folder, "python/src"), {
      recursive: true,
      force: false,
    });
    const question = `
from amphis._internal.native.load import load_core, Core
core = load_core()
print(core._module.__file__ if isinstance(core, Core) else core.reason)`;
    const env = { PYTHONPATH: join(folder, "python/src"), AMPHIS_NATIVE: undefined };
    const { output } = await run(interpreter.path, ["-c", question], { env });
    expect(output.trim()).toBe(join(folder, "python/src/amphis/_internal/native/_core.abi3.so"));
  });

  test("sources that do not compile are a reason and no exception", async ({ skip }) => {
    if (!isPossible) skip("there is no C compiler, or this is not Linux");
    await writeFile(join(folder, "native/launch.c"), "int main(void) { return }\n");
    const reasons = await buildNative(folder, interpreter, options());
    expect(reasons).toContainEqual(expect.stringMatching(/cannot compile amphis-launch: .*error/));
    expect(await nativeOutputsExist(folder)).toBe(false);
  });
});
