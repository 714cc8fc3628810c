import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { checkLayers, formatViolation } from "./check.mjs";

const rules = {
  protocol: {
    layers: [["print"], ["frame", "hello"], ["schema"], ["codec"], ["error"]],
    pure: true,
    onlyFrom: { typebox: ["schema"] },
  },
  grpc: { layers: [["convert"]] },
};

/** @type {Readonly<Record<string, string>>} */
const sound = {
  "package.json": JSON.stringify({ devDependencies: { vitest: "4.1.12" } }),
  "packages/protocol/package.json": JSON.stringify({
    name: "@amphis/protocol",
    exports: { ".": {}, "./schema": {} },
    dependencies: { typebox: "1.4.3" },
  }),
  "packages/protocol/src/index.ts": `export { print } from "./print/index.ts";\nexport { encode } from "./codec/index.ts";`,
  "packages/protocol/src/print/index.ts": `import { encode } from "../codec/index.ts";\nimport "./color.ts";\nexport const print = encode;`,
  "packages/protocol/src/print/color.ts": `export const red = 1;`,
  "packages/protocol/src/codec/index.ts": `export { encode } from "./json/encode.ts";`,
  "packages/protocol/src/codec/json/encode.ts": `import type { Failure } from "../../error/index.ts";\nexport const encode = 1;`,
  "packages/protocol/src/error/index.ts": `export type Failure = string;`,
  "packages/protocol/src/schema/index.ts": `import { Type } from "typebox";\nexport { Type };`,
  "packages/protocol/src/schema/schema.test.ts": `import { test } from "vitest";\nimport { red } from "../print/color.ts";\nimport { readFileSync } from "node:fs";`,
  "packages/grpc/package.json": JSON.stringify({
    name: "@amphis/grpc",
    dependencies: { "@amphis/protocol": "0.1.0" },
    optionalDependencies: { "@amphis/native": "0.1.0" },
  }),
  "packages/grpc/src/index.ts": `export * from "@amphis/protocol/schema";\nexport const native = import("@amphis/native");`,
};

/** @type {string[]} */
const roots = [];

/**
 * @param {Readonly<Record<string, string>>} changes
 * @returns {Promise<string[]>}
 */
async function violationsWith(changes) {
  const root = await mkdtemp(join(tmpdir(), "amphis-layers-"));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...sound, ...changes })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return (await checkLayers(root, rules)).map(formatViolation);
}

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })));
});

describe("layer rule", () => {
  test("sound tree has no violation", async () => {
    expect(await violationsWith({})).toEqual([]);
  });

  test("program that one migrates from may import what is no dependency", async () => {
    const text = `import { python } from "pythonia";`;
    expect(
      await violationsWith({
        "examples/migration/pythonia/before.mjs": text,
        "examples/migration/pythonia/after.mjs": text,
      }),
    ).toEqual([
      "examples/migration/pythonia/after.mjs:1: pythonia is not a dependency of the repository",
    ]);
  });

  test.each([
    [
      "import that points up",
      { "packages/protocol/src/error/index.ts": `\nimport { encode } from "../codec/index.ts";` },
      "packages/protocol/src/error/index.ts:2: error is below codec and does not import it",
    ],
    [
      "import type that points up",
      { "packages/protocol/src/error/index.ts": `export type E = import("../codec/index.ts").E;` },
      "packages/protocol/src/error/index.ts:1: error is below codec and does not import it",
    ],
    [
      "import inside a layer",
      {
        "packages/protocol/src/frame.ts": `export { hello } from "./hello.ts";`,
        "packages/protocol/src/hello.ts": `export const hello = 1;`,
      },
      "packages/protocol/src/frame.ts:1: frame is in the same layer as hello and does not import it",
    ],
    [
      "import past the index of a part",
      { "packages/protocol/src/print/color.ts": `// why\n\nimport "../codec/json/encode.ts";` },
      "packages/protocol/src/print/color.ts:3: ../codec/json/encode.ts reaches into part codec; import its index.ts",
    ],
    [
      "import of the face of the own package",
      { "packages/protocol/src/print/color.ts": `import { print } from "../index.ts";` },
      "packages/protocol/src/print/color.ts:1: a part does not import the face of its own package",
    ],
    [
      "import of the own package by name",
      { "packages/protocol/src/print/color.ts": `import { print } from "@amphis/protocol";` },
      "packages/protocol/src/print/color.ts:1: @amphis/protocol is this very package; import the part by its path",
    ],
    [
      "part without a layer",
      { "packages/protocol/src/extra/index.ts": `import "../error/index.ts";` },
      "packages/protocol/src/extra/index.ts:1: part extra has no layer in tools/layers/rule.mjs",
    ],
    [
      "dependency that belongs to another part",
      { "packages/protocol/src/codec/json/encode.ts": `import { Type } from "typebox/compile";` },
      "packages/protocol/src/codec/json/encode.ts:1: only schema may import typebox",
    ],
    [
      "Node module in a package that runs outside Node",
      { "packages/protocol/src/error/index.ts": `const fs = await import("node:fs");` },
      "packages/protocol/src/error/index.ts:1: packages/protocol runs outside Node too and does not import node:fs",
    ],
    [
      "computed import",
      {
        "packages/protocol/src/error/index.ts": `export const load = (name: string) => import(name);`,
      },
      "packages/protocol/src/error/index.ts:1: a package does not compute what it imports",
    ],
    [
      "undeclared dependency",
      { "packages/grpc/src/index.ts": `import { pack } from "msgpackr";` },
      "packages/grpc/src/index.ts:1: msgpackr is not a dependency of @amphis/grpc",
    ],
    [
      "development dependency in a published file",
      { "packages/grpc/src/index.ts": `import { test } from "vitest";` },
      "packages/grpc/src/index.ts:1: vitest is not a dependency of @amphis/grpc",
    ],
    [
      "subpath that is not public",
      { "packages/grpc/src/index.ts": `import "@amphis/protocol/codec";` },
      "packages/grpc/src/index.ts:1: @amphis/protocol/codec is not a public subpath of @amphis/protocol",
    ],
    [
      "path into another package",
      { "packages/grpc/src/index.ts": `import "../../protocol/src/index.ts";` },
      "packages/grpc/src/index.ts:1: ../../protocol/src/index.ts leaves the sources of packages/grpc",
    ],
    [
      "path from a bench into a package",
      { "bench/codec/main.mjs": `import "../../packages/protocol/dist/index.js";` },
      "bench/codec/main.mjs:1: ../../packages/protocol/dist/index.js reaches into a package; import its public name",
    ],
  ])("%s is named with file and line", async (_, changes, expected) => {
    expect(await violationsWith(changes)).toEqual([expected]);
  });
});
