import { runChecks } from "../check/command.mjs";
import { installCurrentNode } from "../current-node/install.mjs";
import { runOnCurrentNode } from "../current-node/run.mjs";
import { placesOf } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";
import { FIRST_STORY, runStory } from "../start/story.mjs";
import { printTotals, runTests } from "../test/command.mjs";
import { addUp, exitCodeOf, noTests } from "../test/totals.mjs";

import { installDebianPackages } from "./debian-packages.mjs";

/** @typedef {import("../test/totals.mjs").Totals} Totals */

/**
 * What is run on the current Node too: what stands on its sockets, streams, processes and addons. What is computed alone is the same
 * there; `npm run test:current-node` runs everything.
 */
const dependsOnNode = [
  "packages/native/",
  "packages/amphis/src/transport/",
  "packages/amphis/test/bus/",
  "packages/amphis/test/guest/",
  "packages/amphis/test/pool/",
  "packages/amphis/test/python/",
  "packages/amphis/test/worker",
  "examples/",
];

/**
 * Everything that must hold before a change lands: tests on the oldest and on the current Node, the checks, the first story. The
 * last line adds all of it up, also where something broke on the way.
 *
 * @returns {Promise<number>}
 */
export async function main() {
  const totals = await everything().catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    return failure("all of it", error.message);
  });
  printTotals(totals);
  return exitCodeOf(totals);
}

/** @returns {Promise<Totals>} */
async function everything() {
  await installDebianPackages();
  const ready = await setUp({ pythonTools: "required" });
  const tests = addUp(await onBothNodes(ready));
  expectBoth(tests);
  const checked = await runChecks([], ready.python);
  const code = await runStory(FIRST_STORY, ready.python, []);
  const story =
    code === 0
      ? { ...noTests, passed: 1 }
      : failure(FIRST_STORY, `it ended with exit code ${code}`);
  return addUp([tests, checked, story]);
}

/**
 * @param {string} name
 * @param {string} why
 * @returns {Totals}
 */
function failure(name, why) {
  return { ...noTests, failed: 1, failures: [{ file: ".ci/run", name, why }] };
}

/**
 * The current Node is fetched while the tests run on the oldest.
 *
 * @param {import("../setup/set-up.mjs").Ready} ready
 * @returns {Promise<Totals[]>}
 */
async function onBothNodes(ready) {
  const fetched = installCurrentNode(placesOf().state).catch(() => undefined);
  const onOldest = await runTests(ready, []);
  await fetched;
  return [onOldest, await runOnCurrentNode(ready.python, dependsOnNode)];
}

/**
 * The checks alone would be enough for a green sum, so that tests ran is asked separately.
 *
 * @param {Totals} tests
 */
function expectBoth({ passed, failed }) {
  if (passed + failed === 0) {
    throw new Error("Cannot pass: no test ran");
  }
}
