import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { onTestFinished } from "vitest";

import { discover, type LibraryModel } from "../../src/library/index.ts";
import { findPython } from "../../src/worker/index.ts";

export const LIBRARIES: string = fileURLToPath(new URL("libraries", import.meta.url));
const CHECK = fileURLToPath(new URL("check_site.py", import.meta.url));

/** A folder that ends with the test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "amphis-reference-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** The library whose docs are written to break out of a page. */
export async function attacks(): Promise<LibraryModel> {
  const kept = await mkdtemp(join(tmpdir(), "amphis-reference-"));
  try {
    const [model] = await discover(["attacks"], { path: [LIBRARIES], cacheFolder: kept });
    return model;
  } finally {
    await rm(kept, { recursive: true, force: true });
  }
}

/** What an independent parser finds on the pages of a site. */
export interface SiteReport {
  readonly pages: number;
  readonly problems: readonly string[];
  /** Links that leave the site. */
  readonly web: readonly string[];
}

export async function check(site: string): Promise<SiteReport> {
  const { path } = await findPython({});
  const options = { maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(path, [CHECK, site], options);
  return JSON.parse(stdout) as SiteReport;
}
