/* The same with Amphis: no service, no routes, no client. */

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
    read: async (file: Blob, column = "review") =>
      reviews.read(new Uint8Array(await file.arrayBuffer()), kw({ column })),
    summarize: (texts: readonly string[], signal?: AbortSignal) =>
      reviews.summarize(texts).with({ signal }),
    crash: () => reviews.crash(),
    close: () => py.close(),
  };
}
// #endregion after
