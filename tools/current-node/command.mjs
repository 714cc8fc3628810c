import { setUp } from "../setup/set-up.mjs";
import { printSkips } from "../test/command.mjs";
import { formatTotals } from "../test/totals.mjs";
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
  printSkips(totals);
  process.stdout.write(`${formatTotals(totals)}\n`);
  return totals.failed > 0 || totals.passed + totals.skipped === 0 ? 1 : 0;
}
