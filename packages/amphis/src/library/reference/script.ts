import { readFileSync } from "node:fs";

/** Modules that search is made of, each behind those that it imports. */
const SEARCH: readonly string[] = [
  "model/score.js",
  "reference/browser/found.js",
  "reference/browser/search-box.js",
];
const RUN = "reference/browser/run-button.js";

/**
 * The script of the site: compiled modules of this package in one function, as pages on disk cannot load modules.
 *
 * They import only each other, and no two have a name in common.
 */
export function siteScript(runsExamples: boolean): string {
  const modules = [...SEARCH, ...(runsExamples ? [RUN] : [])].map(moduleText);
  const start = runsExamples ? "startSearch();\nstartExamples();" : "startSearch();";
  return `"use strict";\n(() => {\n${modules.join("\n")}\n${start}\n})();\n`;
}

function moduleText(file: string): string {
  // Browsers get what was compiled, also where this is run from its source.
  const compiled = new URL(`../../../dist/library/${file}`, import.meta.url);
  return readFileSync(compiled, "utf8")
    .replaceAll(/^import [^;]*;\n/gmu, "")
    .replaceAll(/^export (?=(?:async )?(?:class|const|function)\b)/gmu, "")
    .replaceAll(/^export \{[^}]*\};\n/gmu, "")
    .replaceAll(/^\/\/# sourceMappingURL=.*\n?/gmu, "");
}
