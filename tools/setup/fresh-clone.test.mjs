import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const execute = promisify(execFile);
const tools = join(import.meta.dirname, "..");

let copy = "";

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "amphis-clone-"));
  await cp(tools, join(copy, "tools"), { recursive: true });
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

test("every command can be loaded before anything is installed", async () => {
  const folders = (await readdir(tools, { recursive: true })).filter((path) =>
    path.endsWith("command.mjs"),
  );
  const imports = folders.map(
    (path) => `await import(${JSON.stringify(pathToFileURL(join(copy, "tools", path)).href)});`,
  );
  const code = `${imports.join("\n")}\nconsole.log("loaded ${folders.length}");`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", code]);
  expect(stdout).toBe(`loaded ${folders.length}\n`);
  expect(folders.length).toBeGreaterThan(5);
});
