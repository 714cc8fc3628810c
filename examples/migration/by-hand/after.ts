/* The same with Amphis. There is no other half: `reviews.py` is called as it is. */

import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../python", import.meta.url));

// #region after
import { kw, openPython } from "amphis";

export async function openReviews(python?: string) {
  const py = await openPython({ python, path, workers: 1 });
  const reviews = await py.import("reviews");
  return {
    rate: (texts: readonly string[], best = 5) => reviews.rate(texts, kw({ best })),
    spread: (texts: readonly string[]) => reviews.spread(texts),
    read: (file: Uint8Array, column = "review") => reviews.read(file, kw({ column })),
    summarize: (texts: readonly string[]) => reviews.summarize(texts),
    crash: () => reviews.crash(),
    close: () => py.close(),
  };
}
// #endregion after
