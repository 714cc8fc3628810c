import { readFileSync } from "node:fs";

/** Version of this package, as its manifest has it: beside `src`, and beside `dist`. */
export function packageVersion(): string {
  const manifest = new URL("../../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  return version;
}
