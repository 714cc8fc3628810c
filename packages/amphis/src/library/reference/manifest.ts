import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Lists what of a folder was written by Amphis, so that nothing else is ever replaced or removed. */
const MANIFEST = "amphis-reference.json";
const FORMAT = 1;
const MOST_BYTES = 16 * 1024 * 1024;
/** Files as the site has them, and nothing that leads out of its folder. */
const FILE = /^(?:(?!\.)[\w.-]{1,200}\/)?(?!\.)[\w.-]{1,200}\.(?:css|html|js)$/u;

/** The files that an earlier run wrote; none where the folder has no manifest, or one that says something else. */
export async function readManifest(folder: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => "");
  if (text.length > MOST_BYTES) return new Set();
  try {
    const { format, files } = JSON.parse(text) as { format?: unknown; files?: unknown };
    if (format !== FORMAT || !Array.isArray(files)) return new Set();
    return new Set(
      files.filter((file): file is string => typeof file === "string" && FILE.test(file)),
    );
  } catch {
    return new Set();
  }
}

export async function writeManifest(
  folder: string,
  files: Iterable<string>,
  staging: string,
): Promise<void> {
  const aside = join(staging, MANIFEST);
  await writeFile(aside, `${JSON.stringify({ format: FORMAT, files: [...files].toSorted() })}\n`);
  await rename(aside, join(folder, MANIFEST));
}
