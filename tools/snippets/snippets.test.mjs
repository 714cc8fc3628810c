import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { checkDocuments } from "./documents.mjs";
import { anchorsOf } from "./links.mjs";
import { regionOf } from "./region.mjs";

const source = `import { openPython } from "amphis";

async function main() {
  // #region call
  const py = await openPython();
  // #region inner
  await py.call("math:sqrt", [2]);
  // #endregion inner
  // #endregion call
}
`;

describe("region", () => {
  test("lines lose their common indentation and the marks of inner regions", () => {
    expect(regionOf(source, "call")).toBe(
      'const py = await openPython();\nawait py.call("math:sqrt", [2]);',
    );
  });

  test("Python marks are understood", () => {
    expect(regionOf("# region a\nx = 1\n\n\ndef f(): ...\n# endregion a\n", "a")).toBe(
      "x = 1\n\n\ndef f(): ...",
    );
  });

  test("absent and unclosed regions are undefined", () => {
    expect(regionOf(source, "none")).toBeUndefined();
    expect(regionOf("// #region a\nx", "a")).toBeUndefined();
  });
});

describe("documents", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "amphis-documents-"));
    execFileSync("git", ["init", "--quiet", root]);
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  /**
   * @param {Readonly<Record<string, string>>} files
   */
  async function write(files) {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  }

  test("example that differs from its region is named and then brought up to date", async () => {
    const fence = "```ts snippet=examples/main.ts#inner\n";
    await write({
      "README.md": `# A\n\n${fence}old();\n\`\`\`\n\nafter\n`,
      "examples/main.ts": source,
    });

    expect(await checkDocuments(root, { write: false })).toEqual([
      "README.md:3: differs from examples/main.ts#inner",
    ]);
    expect(await checkDocuments(root, { write: true })).toEqual([]);
    expect(await readFile(join(root, "README.md"), "utf8")).toBe(
      `# A\n\n${fence}await py.call("math:sqrt", [2]);\n\`\`\`\n\nafter\n`,
    );
    expect(await checkDocuments(root, { write: false })).toEqual([]);
  });

  test("example whose source is gone is named", async () => {
    await write({ "a.md": "```py snippet=gone.py\n```\n" });
    expect(await checkDocuments(root, { write: true })).toEqual(["a.md:1: gone.py does not exist"]);
  });

  test("links to absent files and headings are named with their line", async () => {
    await write({
      "docs/a.md":
        "# Top\n\n[b](b.md#two-words) [c](gone.md) [d](b.md#three) [e](#top)\n[f](https://example.org/x)\n",
      "docs/b.md": "## Two *words*\n",
    });
    expect(await checkDocuments(root, { write: false })).toEqual([
      "docs/a.md:3: link to gone.md: no such file",
      "docs/a.md:3: link to b.md#three: no such heading",
    ]);
  });

  test("links inside code are no links", async () => {
    await write({ "a.md": "`[x](gone.md)`\n\n```md\n[x](gone.md)\n```\n" });
    expect(await checkDocuments(root, { write: false })).toEqual([]);
  });
});

describe("anchors", () => {
  test("repeated headings are numbered and explicit ids count", () => {
    expect([...anchorsOf('# One: `two`\n## A\n## A\n<a id="x-1"></a>\n')].toSorted()).toEqual([
      "a",
      "a-1",
      "one-two",
      "x-1",
    ]);
  });
});
