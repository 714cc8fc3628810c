import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { changedLines } from "./compare.mjs";
import { publicSurface } from "./declarations.mjs";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-exports-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/**
 * @param {Readonly<Record<string, string>>} files
 * @returns {Promise<Record<string, string>>}
 */
async function surfaceOf(files) {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
  }
  return Object.fromEntries(await publicSurface(join(folder, "index.d.ts")));
}

describe("public surface", () => {
  test("declaration is found behind re-export, rename and local import", async () => {
    const surface = await surfaceOf({
      "index.d.ts": `import { inner } from "./a.ts";\nexport { one as two } from "./a.ts";\nexport { inner };\nexport type { Shape } from "./b.js";`,
      "a.d.ts": `export declare const one: number;\nexport declare function inner(x: string): void;\nexport declare const hidden: 1;`,
      "b.d.ts": `export interface Shape {\n    /** Why. */\n    readonly side: number;\n}`,
    });

    expect(surface).toEqual({
      Shape: "interface Shape {\n    readonly side: number;\n}",
      inner: "function inner(x: string): void;",
      two: "const one: number;",
    });
  });

  test("overloads and value with type of the same name are kept together", async () => {
    const surface = await surfaceOf({
      "index.d.ts": `export declare function f(a: string): string;\nexport declare function f(a: number): number;\nexport type Kind = "a";\nexport declare const Kind: { a: "a" };`,
    });

    expect(surface).toEqual({
      f: "function f(a: string): string;\nfunction f(a: number): number;",
      Kind: 'type Kind = "a";\nconst Kind: { a: "a" };',
    });
  });

  test("private fields are left out and every name behind a star is listed", async () => {
    const surface = await surfaceOf({
      "index.d.ts": `export * from "./a.ts";\nexport { Type } from "typebox";`,
      "a.d.ts": `export declare class Lease {\n    #private;\n    release(): void;\n}`,
    });

    expect(surface).toEqual({
      Lease: "class Lease {\n    release(): void;\n}",
      Type: 'export { Type } from "typebox";',
    });
  });
});

describe("comparison", () => {
  test("removed and added lines are named", () => {
    expect(changedLines("a\nb\nb\n", "a\nb\nc\n")).toEqual(["- b", "+ c"]);
  });

  test("moved lines are noticed", () => {
    expect(changedLines("a\nb", "b\na")).toEqual(["the order of lines"]);
  });

  test("equal texts have no changed line", () => {
    expect(changedLines("a\nb", "a\nb")).toEqual([]);
  });
});
