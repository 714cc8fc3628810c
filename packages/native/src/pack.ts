import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { buildFolder, PLATFORMS, platformPackage, sourceFolder } from "./place.ts";

const FILES = ["amphis.node", "amphis-launch", "_core.abi3.so"];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly author: string;
  readonly publishConfig: unknown;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
  readonly engines: unknown;
}

const OWN_FOLDER = new URL("../", import.meta.url);

/**
 * Puts what was built for this machine into a folder that npm can publish, as the package for machines like it.
 *
 * @throws {Error} when something is not built
 */
export function packPlatform(folder: string): void {
  const { version, license, author, publishConfig, engines } = ownManifest();
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
  writeManifest(folder, manifest);
}

/**
 * Puts this package into a folder that npm can publish, naming the packages of all platforms: npm installs the one that fits and
 * passes over the rest. The manifest of the repository cannot name them, as they do not exist before they are published.
 */
export function packCore(folder: string): void {
  const { scripts: _, devDependencies: __, ...manifest } = ownManifest();
  const { version } = manifest;
  const optionalDependencies = Object.fromEntries(
    PLATFORMS.map(({ platform, arch }) => [platformPackage(platform, arch), version]),
  );
  mkdirSync(folder, { recursive: true });
  for (const compiled of ["bundle", "dist"]) {
    cpSync(new URL(compiled, OWN_FOLDER), join(folder, compiled), { recursive: true });
  }
  cpSync(sourceFolder(), join(folder, "native"), { recursive: true });
  copyFileSync(new URL("README.md", OWN_FOLDER), join(folder, "README.md"));
  writeManifest(folder, { ...manifest, optionalDependencies });
}

function ownManifest(): Manifest {
  return JSON.parse(readFileSync(new URL("package.json", OWN_FOLDER), "utf8")) as Manifest;
}

function writeManifest(folder: string, manifest: object): void {
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
  const [what, folder] = process.argv.slice(2);
  if (folder === undefined || (what !== "core" && what !== "platform")) {
    process.stderr.write("usage: pack.js core|platform FOLDER\n");
    process.exitCode = 2;
  } else if (what === "core") packCore(folder);
  else packPlatform(folder);
}
