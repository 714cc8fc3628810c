import { fileURLToPath } from "node:url";

const NAPI_VERSION = 8;

/** Where what is built for this machine lies; the name says what it fits. */
export function buildFolder(): string {
  const key = `${process.platform}-${process.arch}-napi${NAPI_VERSION}`;
  return fileURLToPath(new URL(`../build/${key}/`, import.meta.url));
}

/** The C sources, in the repository. */
export function sourceFolder(): string {
  return fileURLToPath(new URL("../../../native/", import.meta.url));
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
