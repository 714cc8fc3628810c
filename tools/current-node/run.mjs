import { availableParallelism } from "node:os";
import { delimiter, dirname } from "node:path";

import { placesOf } from "../setup/root.mjs";
import { runVitest } from "../test/runners.mjs";
import { noTests } from "../test/totals.mjs";
import { currentNode, installCurrentNode } from "./install.mjs";

/**
 * Runs the TypeScript tests on the current Node, with the packages that are installed, on all cores: nothing runs beside.
 *
 * @param {string} python
 * @param {readonly string[]} filters
 * @returns {Promise<import("../test/totals.mjs").Totals>}
 */
export async function runOnCurrentNode(python, filters) {
  const places = placesOf();
  const node = await installCurrentNode(places.state);
  if (node === undefined) {
    const skip = {
      file: "packages",
      name: `all tests on Node ${currentNode}`,
      why: "it cannot be installed here",
    };
    return { ...noTests, skipped: 1, skips: [skip] };
  }
  const path = `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}`;
  process.stdout.write(`Node ${currentNode}\n`);
  return runVitest(places, python, filters, {
    node,
    env: { PATH: path },
    workers: availableParallelism(),
  });
}
