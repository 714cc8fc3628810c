import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Bundles a program of `programs/`, from the sources, so that Node runs it in a process of its own. @returns its path */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    resolve: {
      alias: { "@amphis/protocol": join(ROOT, "packages/protocol/src/index.ts") },
    },
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(folder, `${name}.mjs`);
}
