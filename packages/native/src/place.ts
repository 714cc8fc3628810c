import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const NAPI_VERSION = 8;

/** Where what is built for this machine lies; the name says what it fits. */
export function buildFolder(): string {
  const key = `${process.platform}-${process.arch}-napi${NAPI_VERSION}`;
  return fileURLToPath(new URL(`../build/${key}/`, import.meta.url));
}

/** Platforms that the core is built for. */
export const PLATFORMS = [
  { platform: "linux", arch: "x64" },
  { platform: "linux", arch: "arm64" },
] as const;

/** The package that holds what was built for a platform. @default this one */
export function platformPackage(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  return `@amphis/native-${platform}-${arch}`;
}

/** Where that package is installed. @param from URL of a file that would find it */
export function installedFolder(from: string = import.meta.url): string | undefined {
  try {
    return dirname(createRequire(from).resolve(`${platformPackage()}/package.json`));
  } catch {
    return undefined;
  }
}

/** The C sources: within this package where it is installed, beside the packages in the repository. */
export function sourceFolder(): string {
  const packed = fileURLToPath(new URL("../native/", import.meta.url));
  return existsSync(packed) ? packed : fileURLToPath(new URL("../../../native/", import.meta.url));
}

const MAC =
  "on macOS the native core was never tried, so there are no regions, descriptors, rings, doorbells and launcher";

/** Why the core cannot be here at all; undefined: it can. */
export function unsupported(): string | undefined {
  const { platform, arch } = process;
  if (platform === "darwin") return MAC;
  if (platform !== "linux") return `the native core is for Linux, and this is ${platform}`;
  if (arch !== "x64" && arch !== "arm64") {
    return `the native core is for x64 and arm64, and this is ${arch}`;
  }
  return undefined;
}
