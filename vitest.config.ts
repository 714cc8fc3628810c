import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, { readonly types: string }>>;
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
      new URL(target.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts"), root),
    ),
  }));
}

/**
 * Tests that neither crash nor watch their process: they share one, which loads each module once instead of once per file. That is half
 * of what their files take. All others have a process of their own per file.
 */
const together = [
  "packages/{conformance,grpc,protocol}/{src,test}/**/*.test.ts",
  "packages/amphis/src/**/*.test.ts",
  "packages/amphis/test/{arrow,hardware,memory,python,real-libraries}/**/*.test.ts",
  "examples/**/*.test.{ts,mjs}",
  "tools/**/*.test.mjs",
];

export default defineConfig({
  resolve: {
    alias: readdirSync(new URL("packages", import.meta.url)).flatMap(aliasesOf),
  },
  test: {
    // Watchdogs against hangs, far above what a loaded machine takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          isolate: false,
          include: together,
          exclude: ["**/node_modules/**", "**/dist/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "apart",
          include: ["packages/*/{src,test}/**/*.test.ts", "bench/*/**/*.test.{ts,mjs}"],
          exclude: ["**/node_modules/**", "**/dist/**", ...together],
        },
      },
    ],
  },
});
