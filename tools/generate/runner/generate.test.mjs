import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { generate, generatorNames } from "./generate.mjs";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "amphis-generate-"));
  await write("package.json", `{ "type": "module" }`);
  await write("spec/words.txt", "one two");
  await write(
    "tools/generate/words.mjs",
    `import { readFile } from "node:fs/promises";
     export const outputs = ["out/words"];
     export async function generate(root, { exec, scratch }) {
       const words = (await readFile(new URL("spec/words.txt", root), "utf8")).split(" ");
       const node = await exec(${JSON.stringify(process.execPath)}, ["-p", "'ran'"]);
       if (!scratch.pathname.includes(".amphis")) throw new Error("scratch");
       return new Map([...words.map((word) => ["out/words/" + word + ".txt", word]), ["table.md", node]]);
     }`,
  );
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/**
 * @param {string} path
 * @param {string} text
 */
async function write(path, text) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test("missing, changed and stale files are named and nothing is written", async () => {
  await write("out/words/two.txt", "2");
  await write("out/words/three.txt", "three");
  await write("table.md", "ran\n");

  expect(await generate(root, "words", { write: false })).toEqual([
    { kind: "missing", path: "out/words/one.txt" },
    { kind: "stale", path: "out/words/three.txt" },
    { kind: "changed", path: "out/words/two.txt" },
  ]);
  expect(await readdir(join(root, "out/words"))).toEqual(["three.txt", "two.txt"]);
});

test("writing removes stale files and leaves nothing to do", async () => {
  await write("out/words/three.txt", "three");
  await generate(root, "words", { write: true });

  expect((await readdir(join(root, "out/words"))).toSorted()).toEqual(["one.txt", "two.txt"]);
  expect(await readFile(join(root, "out/words/one.txt"), "utf8")).toBe("one");
  expect(await generate(root, "words", { write: false })).toEqual([]);
  expect(await readdir(join(root, ".amphis"))).toEqual([]);
});

test("file without a generator and program that fails are errors that say so", async () => {
  await write("tools/generate/empty.mjs", "export const other = 1;");
  await write(
    "tools/generate/failing.mjs",
    `export const generate = (root, { exec }) => exec(${JSON.stringify(process.execPath)}, ["-e", "console.error('why'); process.exit(3)"]);`,
  );

  expect(await generatorNames(root)).toEqual(["empty", "failing", "words"]);
  await expect(generate(root, "empty", { write: false })).rejects.toThrow(
    'Cannot generate empty: tools/generate/empty.mjs does not export "generate"',
  );
  await expect(generate(root, "failing", { write: false })).rejects.toThrow(/exit code 3\nwhy/);
});
