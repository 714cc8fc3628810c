import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

import { isAmphisError } from "@amphis/protocol";
import { beforeAll, describe, expect, test } from "vitest";

import { discover, type LibraryModel, writeReference } from "../../src/library/index.ts";
import { attacks, check, folder } from "./project.ts";

let json: LibraryModel;
let hostile: LibraryModel;

beforeAll(async () => {
  [json] = await discover(["json"]);
  hostile = await attacks();
});

test(
  "pages of real libraries are well formed, and all their links lead somewhere",
  { timeout: 180_000 },
  async ({ skip }) => {
    const models = await discover(["json", "numpy"]).catch((error: unknown) => {
      if (isAmphisError(error, "LIBRARY_NOT_FOUND")) return skip("numpy is not installed");
      throw error;
    });
    const site = await folder();
    const told: string[] = [];
    const written = await writeReference(models, {
      folder: site,
      onProgress: ({ library, pages, total }) => told.push(`${library} ${pages <= total}`),
    });
    expect(told).toEqual(["json true", "numpy true"]);
    expect(existsSync(join(site, "numpy/numpy.ndarray.html"))).toBe(true);

    const page = await readFile(join(site, "numpy/numpy.linalg.html"), "utf8");
    const norm = page.slice(page.indexOf('id="numpy.linalg.norm"'));
    // Before NumPy 2.5 written out, since then by the name of an alias.
    expect(norm).toMatch(
      /ord: (float \| Literal\[&quot;fro&quot;, &quot;nuc&quot;\]|_OrderKind) \| None = None/u,
    );
    expect(norm).toMatch(/norm\(x: PyArgument&lt;PyArrayLike( \| [^,]*)?&gt;, ord\?: /u);
    expect(norm).toContain('<th scope="row"><code>keepdims</code></th>');
    expect(norm).toContain("await LA.norm(b, &quot;fro&quot;);");
    expect(norm).toContain(
      "https://numpy.org/doc/stable/reference/generated/numpy.linalg.norm.html",
    );
    expect(page).not.toContain("<button");

    const report = await check(site);
    expect(report).toMatchObject({ pages: written.pages, problems: [] });
    expect(report.web.filter((link) => !/^https?:/u.test(link))).toEqual([]);
  },
);

describe("a library whose docs attack the page", () => {
  test("is shown as it is written, and breaks out nowhere", async () => {
    const site = await folder();
    const { files, examples } = await writeReference([hostile], { folder: site });
    expect(await check(site)).toEqual({
      pages: files.filter((file) => file.endsWith(".html")).length,
      problems: [],
      web: [
        "https://example.org/",
        "https://example.org/?a=1&b=%22",
        "https://example.org/a",
        "https://x/",
      ],
    });
    const page = await readFile(join(site, "attacks/attacks.html"), "utf8");
    expect(page).toContain("&lt;script&gt;document.title = &quot;broken&quot;&lt;/script&gt;");
    expect(page).toContain("default-src &#39;none&#39;");
    expect(page).not.toMatch(/<script>|<img/u);
    expect(page).not.toMatch(/[\0\u001B\u202E]/u);
    expect([...examples.keys()]).toContain("attacks/attacks.html#attacks.a");
  });

  test("has a page for each class, also where names differ in case only", async () => {
    const site = await folder();
    const { files } = await writeReference([hostile], { folder: site });
    const names = files.map((file) => file.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(files).toEqual(
      expect.arrayContaining(["attacks/attacks.Shelf.html", "attacks/attacks.Shelf.Shelf.html"]),
    );
    expect(files.filter((file) => !/^[\w.-]+(?:\/[\w.-]+)?$/u.test(file))).toEqual([]);
  });
});

describe("a folder", () => {
  test("keeps what others put there, and loses pages that are gone", async () => {
    const site = await folder();
    await writeFile(join(site, "CNAME"), "example.org");
    await mkdir(join(site, "json"));
    await writeFile(join(site, "json/mine.html"), "mine");
    await writeReference([json, hostile], { folder: site });
    const { removed } = await writeReference([json], { folder: site });
    expect(removed).toContain("attacks/attacks.Shelf.html");
    expect(existsSync(join(site, "attacks"))).toBe(false);
    expect((await readdir(site)).toSorted()).toEqual(
      [
        "CNAME",
        "amphis-reference.json",
        "index.html",
        "json",
        "reference.css",
        "reference.js",
        "search-index.js",
      ].toSorted(),
    );
    expect(await readFile(join(site, "json/mine.html"), "utf8")).toBe("mine");
  });

  test("with a file of somebody else in the way is refused, and nothing is written", async () => {
    const site = await folder();
    await writeFile(join(site, "index.html"), "mine");
    const failed = await writeReference([json], { folder: site }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "REFERENCE_FOLDER_TAKEN", file: "index.html" });
    expect(await readdir(site)).toEqual(["index.html"]);

    const linked = await folder();
    await symlink(site, join(linked, "json"));
    await expect(writeReference([json], { folder: linked })).rejects.toMatchObject({
      code: "REFERENCE_FOLDER_TAKEN",
    });
    expect(await readdir(site)).toEqual(["index.html"]);
  });

  test("keeps an earlier site when a run fails before its end", async () => {
    const site = await folder();
    await writeReference([json], { folder: site });
    const before = await readFile(join(site, "index.html"), "utf8");
    const stop = new Error("stopped");
    const failed = writeReference([json, hostile], {
      folder: site,
      onProgress: ({ library }) => {
        if (library === "json") throw stop;
      },
    });
    await expect(failed).rejects.toBe(stop);
    expect(await readFile(join(site, "index.html"), "utf8")).toBe(before);
    expect((await readdir(site)).filter((name) => name.startsWith("."))).toEqual([]);
    expect((await check(site)).problems).toEqual([]);
  });

  test("that is a file is an error that names it", async () => {
    const site = join(await folder(), "site");
    await writeFile(site, "");
    await expect(writeReference([json], { folder: site })).rejects.toMatchObject({
      code: "REFERENCE_NOT_WRITTEN",
      folder: site,
    });
  });

  test("whose manifest lies loses no file outside of the site", async () => {
    const site = await folder();
    const outside = join(await folder(), "kept.html");
    await writeFile(outside, "kept");
    const elsewhere = await folder();
    await writeFile(join(elsewhere, "kept.html"), "kept");
    await symlink(elsewhere, join(site, "linked"));
    const files = [`../${outside}`, outside, "../kept.html", "linked/kept.html", ".git/config", 7];
    await writeFile(join(site, "amphis-reference.json"), JSON.stringify({ format: 1, files }));
    await writeReference([json], { folder: site });
    expect(await readFile(outside, "utf8")).toBe("kept");
    expect(await readFile(join(elsewhere, "kept.html"), "utf8")).toBe("kept");
  });
});

test("the script of the site is one that browsers take, and runs nothing where there is no page", async () => {
  const site = await folder();
  await writeReference([json], { folder: site });
  const script = await readFile(join(site, "reference.js"), "utf8");
  const document = { currentScript: null, querySelector: () => null };
  expect(() => runInNewContext(script, { document })).not.toThrow();
  expect(script).not.toContain("Run the example");
});
