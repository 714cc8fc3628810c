import { mkdtempSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";
import { afterAll, beforeAll } from "vitest";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

export type ProgramName = "host" | "parent";

/** Bundles a program of `programs/` for the tests of a file, from the sources, so that Node runs it in processes of its own. @returns its path */
export function useProgram(name: ProgramName): string {
  const folder = mkdtempSync(join(tmpdir(), "amphis-crash-programs-"));
  beforeAll(async () => bundle(folder, name));
  afterAll(async () => rm(folder, { recursive: true, force: true }));
  return join(folder, "src", `${name}.mjs`);
}

async function bundle(folder: string, name: ProgramName): Promise<void> {
  // The native core is looked for beside the folder of the sources.
  symlinkSync(join(ROOT, "packages/native/build"), join(folder, "build"));
  await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    resolve: {
      alias: {
        "@amphis/protocol": join(ROOT, "packages/protocol/src/index.ts"),
        "@amphis/native": join(ROOT, "packages/native/src/index.ts"),
      },
    },
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)),
      outDir: join(folder, "src"),
      emptyOutDir: false,
      target: "node20",
      rolldownOptions: {
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
      },
    },
  });
}
