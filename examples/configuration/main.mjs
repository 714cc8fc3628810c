import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPython } from "amphis";
import { checkConfig, loadConfig, watchConfig } from "amphis/config";

const config = join(import.meta.dirname, "amphis.config.ts");

// #region open
const py = await openPython({ config }); // without it: the file found from here upward

console.log(await py.import("stats").median([1, 2, 9])); // an alias
console.log(await py.import("prices").rounded(12.5)); // in its pool
// #endregion open

// #region explain
const env = { AMPHIS_ENV: "production", AMPHIS__POOLS__DEFAULT__WORKERS: "4" };
const loaded = await loadConfig({ config, env });
const { value, origins } = await loaded.explain("pools.default.workers");

console.log(`${value} workers`);
for (const { source, line, value: said } of origins) {
  console.log(`  ${said} in ${source.split("/").at(-1)}${line === undefined ? "" : `:${line}`}`);
}
// #endregion explain

// #region check
const mistaken = join(import.meta.dirname, "mistaken.toml");

for (const { line, column, message } of await checkConfig({ config: mistaken })) {
  console.log(`${line}:${column} ${message}`);
}
// #endregion check

const folder = await mkdtemp(join(tmpdir(), "amphis-configuration-"));
const edited = join(folder, "amphis.config.json");
await writeFile(edited, '{ "libraries": { "prices": { "concurrency": 4 } } }');
const { promise: applied, resolve: changed } = deferred();

// #region watch
const watch = await watchConfig({
  config: edited,
  onChange: ({ changes }) => {
    for (const { path, before, after } of changes) console.log(`${path}: ${before} -> ${after}`);
    changed();
  },
  onRestart: (line) => console.log(line),
});
// #endregion watch

await writeFile(`${edited}~`, '{ "libraries": { "prices": { "concurrency": 8 } } }');
await rename(`${edited}~`, edited); // as editors save
await applied;
await watch.close();
await py.close();
await rm(folder, { recursive: true });

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
