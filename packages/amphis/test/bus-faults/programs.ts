import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";
import { afterAll, beforeAll } from "vitest";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

export type ProgramName = "member" | "stuck" | "cycles" | "listen";

/** Bundles programs of `programs/` for the tests of a file, from the sources, so that Node runs them in processes of their own. @returns their paths */
export function usePrograms<N extends ProgramName>(
  ...names: readonly N[]
): Readonly<Record<N, string>> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-bus-programs-"));
  beforeAll(async () => bundle(folder, names));
  afterAll(async () => rm(folder, { recursive: true, force: true }));
  const paths = names.map((name) => [name, join(folder, `${name}.mjs`)]);
  return Object.fromEntries(paths) as Record<N, string>;
}

async function bundle(folder: string, names: readonly ProgramName[]): Promise<void> {
  await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    resolve: {
      alias: {
        "@amphis/protocol": join(ROOT, "packages/protocol/src/index.ts"),
        "amphis/bus": join(ROOT, "packages/amphis/src/bus/index.ts"),
        "amphis/transport": join(ROOT, "packages/amphis/src/transport/index.ts"),
      },
    },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: "node20",
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, sourceOf(name)])),
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
      },
    },
  });
}

function sourceOf(name: ProgramName): string {
  return fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
}
