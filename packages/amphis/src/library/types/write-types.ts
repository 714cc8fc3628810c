import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { LibraryModel } from "../model/index.ts";
import { packageVersion } from "./version.ts";

/** Where declarations go. */
export interface WriteTypesOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Other names under which programs import modules: `{ np: "numpy" }`. @default {} */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether programs import a module under its own name, too. Of two versions side by side, in two folders, one can have that name.
   * @default all do
   */
  readonly isImported?: ((path: string) => boolean) | undefined;
  /** Folders within this one, with declarations of their own, that its index refers to. @default [] */
  readonly others?: readonly string[] | undefined;
  /** Compares only: nothing is written. @default false */
  readonly dryRun?: boolean | undefined;
}

/** What {@link writeTypes} found in the folder. */
export interface WrittenTypes {
  readonly folder: string;
  /** Files that were written, or would have been: they are missing or out of date. */
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Writes declarations of libraries for TypeScript: a file for each, and `index.d.ts`, which refers to all.
 *
 * What is right already is left alone. Each file is written aside and renamed, so that an editor never sees half of one.
 */
export async function writeTypes(
  models: readonly LibraryModel[],
  { folder, aliases, isImported, others, dryRun = false }: WriteTypesOptions,
): Promise<WrittenTypes> {
  const { declarationsOf } = await import("./declarations.ts");
  const target = resolve(folder);
  const changed: string[] = [];
  const unchanged: string[] = [];
  const names = { aliases, isImported, others };
  for (const [file, text] of declarationsOf(models, packageVersion(), names)) {
    const path = join(target, file);
    if ((await readText(path)) === text) unchanged.push(file);
    else {
      changed.push(file);
      if (!dryRun) await replace(target, path, text);
    }
  }
  return { folder: target, changed, unchanged };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function replace(folder: string, path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(aside, text);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
