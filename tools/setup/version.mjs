/**
 * @typedef {readonly [major: number, minor: number, patch: number]} Version
 */

/** The oldest Python that Amphis runs on. */
export const oldestPython = /** @type {Version} */ ([3, 10, 0]);

/**
 * Finds the first version in what a program printed about itself.
 *
 * @param {string} text Such as `Python 3.13.0rc2` or `v20.19.0`.
 * @returns {Version | undefined}
 */
export function parseVersion(text) {
  const match = /(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/**
 * @param {Version} version
 * @param {Version} oldest
 * @returns {boolean}
 */
export function isAtLeast(version, oldest) {
  const differing = version.findIndex((part, index) => part !== oldest[index]);
  return differing === -1 || (version[differing] ?? 0) > (oldest[differing] ?? 0);
}

/**
 * @param {Version} version
 * @returns {string}
 */
export function formatVersion(version) {
  return version.join(".");
}
