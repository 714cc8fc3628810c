/**
 * @typedef {object} Totals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} skips What was skipped and why, one line each.
 */

/** @type {Totals} */
export const noTests = { passed: 0, failed: 0, skipped: 0, skips: [] };

/**
 * @param {readonly Totals[]} parts
 * @returns {Totals}
 */
export function addUp(parts) {
  return parts.reduce(
    (sum, part) => ({
      passed: sum.passed + part.passed,
      failed: sum.failed + part.failed,
      skipped: sum.skipped + part.skipped,
      skips: [...sum.skips, ...part.skips],
    }),
    noTests,
  );
}

/**
 * @param {Totals} totals
 * @returns {string} The line that closes a run, such as `12 passed, 0 failed, 1 skipped`.
 */
export function formatTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * A run that did nothing has not shown anything, so it does not succeed either.
 *
 * @param {Totals} totals
 * @returns {number}
 */
export function exitCodeOf({ passed, failed }) {
  return failed > 0 || passed === 0 ? 1 : 0;
}
