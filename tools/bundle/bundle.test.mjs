import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { bundle, bundlesExist } from "./bundle.mjs";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * @param {string} code
 * @param {string} cwd
 */
async function output(code, cwd) {
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", code], { cwd });
  return stdout.trim();
}

describe("a package", () => {
  let folder = "";

  /** @param {Readonly<Record<string, string>>} files below the package */
  async function write(files) {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, "packages/a", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /** @param {string} entry */
  const address = (entry) => JSON.stringify(join(folder, "packages/a/bundle", entry));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "amphis-bundle-"));
    const exports = { ".": "index.js", "./part": "part/index.js" };
    const targets = Object.entries(exports).map(([subpath, file]) => [
      subpath,
      { types: `./dist/${file.replace(".js", ".d.ts")}`, default: `./bundle/${file}` },
    ]);
    await write({
      "package.json": JSON.stringify({ type: "module", exports: Object.fromEntries(targets) }),
      "dist/index.js": `
        import { Shared } from "./deep/shared.js";
        export { here } from "./deep/place.js";
        export const isShared = (thing) => thing instanceof Shared;
        export const late = async () => (await import("./late.js")).late;`,
      "dist/part/index.js": `
        import { Shared } from "../deep/shared.js";
        export const make = () => new Shared();`,
      "dist/deep/shared.js": "export class Shared {}",
      "dist/deep/place.js": `export const here = new URL("../../data.txt", import.meta.url).href;`,
      "dist/late.js": `globalThis.isLateLoaded = true; export const late = "late";`,
      "dist/deep/some-thread-entry.js": `console.log("thread");`,
    });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test("has each class once, whichever subpath it is reached by", async () => {
    await bundle(folder);
    const code = `
      const { isShared } = await import(${address("index.js")});
      const { make } = await import(${address("part/index.js")});
      console.log(isShared(make()));`;
    expect(await output(code, folder)).toBe("true");
  });

  test("finds what lies beside its modules", async () => {
    await bundle(folder);
    const code = `console.log((await import(${address("index.js")})).here);`;
    expect(fileURLToPath(await output(code, folder))).toBe(join(folder, "packages/a/data.txt"));
  });

  test("loads what is imported dynamically when it is asked for", async () => {
    await bundle(folder);
    const code = `
      const { late } = await import(${address("index.js")});
      console.log(globalThis.isLateLoaded ?? "not yet", await late());`;
    expect(await output(code, folder)).toBe("not yet late");
  });

  test("keeps what is started by its path", async () => {
    await bundle(folder);
    const code = `await import(${address("deep/some-thread-entry.js")});`;
    expect(await output(code, folder)).toBe("thread");
  });

  test("keeps nothing of an earlier bundle", async () => {
    await bundle(folder);
    const late = join(folder, "packages/a/bundle/shared/late.js");
    expect(existsSync(late)).toBe(true);
    await write({ "dist/index.js": `export { here } from "./deep/place.js";` });
    await bundle(folder);
    expect(existsSync(late)).toBe(false);
  });

  test("is complete when every file that programs import is there", async () => {
    expect(await bundlesExist(folder)).toBe(false);
    await bundle(folder);
    expect(await bundlesExist(folder)).toBe(true);
    await rm(join(folder, "packages/a/bundle/part/index.js"));
    expect(await bundlesExist(folder)).toBe(false);
  });

  test("that imports what its manifest does not name is not bundled", async () => {
    await bundle(folder);
    await write({ "dist/index.js": `import { rolldown } from "nowhere"; export { rolldown };` });
    await expect(bundle(folder)).rejects.toThrow("nowhere");
    expect(await bundlesExist(folder)).toBe(true);
  });

  test("that leads to its modules is left alone", async () => {
    await write({ "package.json": `{ "exports": { ".": { "default": "./dist/index.js" } } }` });
    await bundle(folder);
    expect(existsSync(join(folder, "packages/a/bundle"))).toBe(false);
  });
});

describe("the packages of this repository", () => {
  test("share what several subpaths export", async () => {
    const code = `
      const manifest = ${await readFile(join(root, "packages/amphis/package.json"), "utf8")};
      const subpaths = Object.keys(manifest.exports).map((subpath) => "amphis" + subpath.slice(1));
      const seen = new Map();
      let shared = 0;
      for (const subpath of [...subpaths, "@amphis/protocol"]) {
        for (const [name, value] of Object.entries(await import(subpath))) {
          if (typeof value !== "function" || value.prototype?.constructor !== value) continue;
          if (seen.has(name)) {
            shared += 1;
            if (seen.get(name) !== value) console.log(name, "of", subpath, "is another one");
          }
          seen.set(name, value);
        }
      }
      console.log(shared > 10);`;
    expect(await output(code, join(root, "bench"))).toBe("true");
  });

  test("have nothing of Node in what browsers load", async () => {
    const input = join(root, "packages/amphis/bundle/transport/browser.js");
    const build = await rolldown({ input, external: /^[^./]/, platform: "browser" });
    const { output: files } = await build.generate();
    const imported = files.flatMap((file) => (file.type === "chunk" ? file.imports : []));
    expect(imported.filter((name) => name !== "@amphis/protocol")).toEqual([]);
    expect(files[0].code).not.toContain("node:");
  });
});
