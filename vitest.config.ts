import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, { readonly default: string }>>;
}

interface Alias {
  readonly find: RegExp;
  readonly replacement: string;
}

/** Tests read the sources of every package, so that they never see a stale build. */
function aliasesOf(folder: string): Alias[] {
  const root = new URL(`packages/${folder}/`, import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as Manifest;
  return Object.entries(manifest.exports ?? {}).map(([subpath, target]) => ({
    find: new RegExp(`^${manifest.name}${subpath.slice(1)}$`),
    replacement: fileURLToPath(
      new URL(target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts"), root),
    ),
  }));
}

export default defineConfig({
  resolve: {
    alias: readdirSync(new URL("packages", import.meta.url)).flatMap(aliasesOf),
  },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "bench/*/**/*.test.{ts,mjs}",
      "examples/**/*.test.{ts,mjs}",
      "tools/**/*.test.mjs",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
