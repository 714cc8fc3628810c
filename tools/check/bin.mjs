import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Finds the script behind a command of an installed npm package. Started by its path, a missing one is never looked up
 * in a registry.
 *
 * @param {string} root
 * @param {string} packageName
 * @param {string} [command] Default: the last part of the name.
 * @returns {Promise<string>}
 * @throws {Error} where the package is not installed or has no such command.
 */
export async function bin(root, packageName, command = packageName.split("/").at(-1) ?? "") {
  const folder = join(root, "node_modules", packageName);
  /** @type {{ bin?: string | Record<string, string> }} */
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const script = typeof manifest.bin === "string" ? manifest.bin : manifest.bin?.[command];
  if (script === undefined) {
    throw new Error(`Cannot run ${command}: ${packageName} has no such command`);
  }
  return join(folder, script);
}
