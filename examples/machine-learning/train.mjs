/* Trains the model in a worker, and leaves it in the folder in which that works. */

// #region train
import { openPython } from "amphis";

/**
 * @typedef {object} Trained
 * @property {string} sha256 Of the file, for those who load it.
 * @property {number} accuracy
 * @property {number[][]} samples What was not learned from.
 * @property {number[]} labels
 */

/** @param {string} folder Where the file is written. */
export async function train(folder) {
  const py = await openPython({ cwd: folder, pools: { serving: { minWorkers: 0 } } });
  try {
    return /** @type {Trained} */ (await py.call("training:train", [], { timeoutMs: 120_000 }));
  } finally {
    await py.close();
  }
}
// #endregion train
