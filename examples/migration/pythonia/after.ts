/* The same with Amphis: nearly the same words, with types. */

import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../python", import.meta.url));

// #region after
import { contains, kw, openPython, type Python } from "amphis";

export function open(python?: string): Promise<Python> {
  return openPython({ python, path, workers: 1 });
}

export async function tour(py: Python, texts: readonly string[]) {
  const reviews = await py.import("reviews");
  const board = await reviews.Board("Tea", kw({ best: 10 }));
  const stars: number[] = [];
  for (const text of texts) await board.add(text, (given: number) => stars.push(given));

  const ratings = await reviews.rate(texts, kw({ best: 10 })).with({ timeoutMs: 20_000 });
  const words: string[] = [];
  for await (const word of reviews.summarize(texts)) words.push(word);

  return {
    mean: await board.mean(),
    stars,
    first: ratings[0]?.stars,
    count: ratings.length,
    good: await contains(reviews.GOOD, "great"),
    words,
  };
}
// #endregion after
