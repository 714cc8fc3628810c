import { setUp } from "../setup/set-up.mjs";
import { printTotals } from "../test/command.mjs";
import { runOnCurrentNode } from "./run.mjs";

/**
 * `npm run test:current-node [-- part-of-a-file-name…]`
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const { python } = await setUp();
  const filters = args.filter((argument) => !argument.startsWith("--"));
  const totals = await runOnCurrentNode(python, filters);
  printTotals(totals);
  return totals.failed > 0 || totals.passed + totals.skipped === 0 ? 1 : 0;
}
