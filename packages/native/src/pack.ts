import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { buildFolder, platformPackage } from "./place.ts";

const FILES = ["amphis.node", "amphis-launch", "_core.abi3.so"];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly author: string;
  readonly publishConfig: unknown;
  readonly engines: unknown;
}

/**
 * Puts what was built for this machine into a folder that npm can publish, as the package for machines like it.
 *
 * @throws {Error} when something is not built
 */
export function packPlatform(folder: string): void {
  const own = fileURLToPath(new URL("../package.json", import.meta.url));
  const { version, license, author, publishConfig, engines } = JSON.parse(
    readFileSync(own, "utf8"),
  ) as Manifest;
  const { platform, arch } = process;
  const missing = FILES.filter((file) => !existsSync(join(buildFolder(), file)));
  if (missing.length > 0) throw new Error(`Cannot pack: ${missing.join(", ")} is not built`);
  mkdirSync(folder, { recursive: true });
  for (const file of FILES) copyFileSync(join(buildFolder(), file), join(folder, file));
  const manifest = {
    name: platformPackage(),
    version,
    description: `The native core of Amphis, built for ${platform} on ${arch}`,
    license,
    author,
    os: [platform],
    cpu: [arch],
    ...(platform === "linux" ? { libc: [libc()] } : {}),
    files: FILES,
    publishConfig,
    engines,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A library built for one does not load with the other. */
function libc(): "glibc" | "musl" {
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  packPlatform(process.argv[2] ?? join(buildFolder(), "package"));
}
