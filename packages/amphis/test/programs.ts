import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type InlineConfig, type Rolldown } from "vite";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SETTINGS: InlineConfig = {
  configFile: false,
  logLevel: "error",
  root: ROOT,
  resolve: {
    alias: { "@amphis/protocol": join(ROOT, "packages/protocol/src/index.ts") },
  },
};

/** Bundles a program of `programs/`, from the sources, so that Node runs it in a process of its own. @returns its path */
export function bundleProgram(name: string, folder: string): Promise<string> {
  return bundle(fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)), name, folder);
}

/** The same for the text of a program, whose imports are relative to `src/transport`. @returns its path */
export async function bundleText(text: string, name: string, folder: string): Promise<string> {
  return bundle(await writeSource(text, name, folder), name, folder);
}

/** The script of a page, as one text; its imports are relative to `src/transport`. */
export async function bundlePage(text: string, folder: string): Promise<string> {
  const built = await build({
    ...SETTINGS,
    build: {
      lib: { entry: await writeSource(text, "page", folder), formats: ["es"], fileName: "page" },
      write: false,
    },
  });
  for (const { output } of [built].flat() as Rolldown.RolldownOutput[]) return output[0].code;
  throw new Error("Cannot bundle page: nothing was built");
}

async function writeSource(text: string, name: string, folder: string): Promise<string> {
  const transport = fileURLToPath(new URL("../src/transport/", import.meta.url));
  const path = join(folder, `${name}.source.mjs`);
  await writeFile(path, text.replaceAll(' from "./', ` from "${transport}`));
  return path;
}

async function bundle(entry: string, name: string, folder: string): Promise<string> {
  await build({
    ...SETTINGS,
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(folder, `${name}.mjs`);
}
