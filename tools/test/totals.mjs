/**
 * @typedef {object} Told A test of which there is more to say than that it passed.
 * @property {string} file
 * @property {string} name
 * @property {string} why
 */

/**
 * @typedef {object} Totals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly Told[]} failures
 * @property {readonly Told[]} skips
 */

/** @type {Totals} */
export const noTests = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };

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
      failures: [...sum.failures, ...part.failures],
      skips: [...sum.skips, ...part.skips],
    }),
    noTests,
  );
}

/**
 * What closes a run: the skipped tests, those of one file with one reason in one line, and then, nearest to the sum, every test that
 * failed.
 *
 * @param {Totals} totals
 * @returns {string[]}
 */
export function closingLines({ skips, failures }) {
  /** @type {Map<string, string[]>} */
  const names = new Map();
  for (const { file, name, why } of skips) {
    const group = JSON.stringify([file, why]);
    names.set(group, [...(names.get(group) ?? []), name]);
  }
  const skipped = [...names].map(([group, [name, ...others]]) => {
    const [file, why] = JSON.parse(group);
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `skipped ${file}: ${name}${more}: ${why}`;
  });
  return [...skipped, ...failures.map(({ file, name, why }) => `failed ${file}: ${name}: ${why}`)];
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
