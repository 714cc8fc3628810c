/* The same with Amphis: functions instead of scripts, and an object instead of a script that stays. */

import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../python", import.meta.url));

// #region after
import { kw, openPython, type Python } from "amphis";

export function open(python?: string): Promise<Python> {
  return openPython({ python, path, workers: 1 });
}

export async function rate(py: Python, texts: readonly string[], best = 5) {
  const reviews = await py.import("reviews");
  return reviews.rate(texts, kw({ best }));
}

export async function openBoard(py: Python) {
  const board = await py.import("reviews").Board("Tea"); // lives in Python
  return async (text: string) => {
    await board.add(text);
    return board.mean();
  };
}
// #endregion after

const scripts = fileURLToPath(new URL(".", import.meta.url));

// #region first-step
/** The old script, run by a worker: `run_script.py` gives the lines that it prints. */
export async function rateByScript(python: string | undefined, texts: readonly string[]) {
  const py = await openPython({ python, path: [path, scripts], workers: 1 });
  try {
    const args = [`${scripts}rate.py`, ["5", ...texts]];
    const lines = await py.call<string[]>("run_script:lines_of", args);
    return lines.map((line) => JSON.parse(line) as unknown);
  } finally {
    await py.close();
  }
}
// #endregion first-step
