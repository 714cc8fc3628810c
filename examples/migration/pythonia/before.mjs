/* What pythonia does with the reviews: objects, keywords, callbacks, iteration. */

// #region before
import { py, python } from "pythonia";

export async function tour(texts) {
  const reviews = await python("reviews"); // PYTHONPATH has its folder
  const board = await reviews.Board$("Tea", { best: 10 });
  const stars = [];
  for (const text of texts) await board.add(text, (given) => stars.push(given));

  const ratings = await reviews.rate$(texts, { best: 10, $timeout: 20_000 });
  const words = [];
  for await (const word of await reviews.summarize(texts)) words.push(word);

  return {
    mean: await board.mean(),
    stars,
    first: await (await ratings[0]).stars,
    count: await ratings.length,
    good: await py`"great" in ${await reviews.GOOD}`,
    words,
  };
}

export function close() {
  python.exit();
}
// #endregion before
