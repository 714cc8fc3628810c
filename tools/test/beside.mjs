/** @typedef {import("../setup/process.mjs").Output} Output */

/**
 * Does two things at once that read as if one came after the other: the first has the terminal; what the second writes is kept until the
 * first has ended, then shown, and passed on from there as it comes. Waits for both, also when one fails.
 *
 * @template First, Second
 * @param {() => Promise<First>} first
 * @param {(output: Output) => Promise<Second>} second
 * @param {Output} [show] Writes to the terminal.
 * @returns {Promise<[First, Second]>}
 */
export async function beside(
  first,
  second,
  show = (text, stream) => void process[stream].write(text),
) {
  /** @type {Parameters<Output>[] | undefined} */
  let kept = [];
  /** @type {Output} */
  const output = (text, stream) => {
    if (kept === undefined) show(text, stream);
    else kept.push([text, stream]);
  };
  const release = () => {
    for (const [text, stream] of kept ?? []) show(text, stream);
    kept = undefined;
  };
  const [ofFirst, ofSecond] = await Promise.allSettled([first().finally(release), second(output)]);
  if (ofFirst.status === "rejected") throw ofFirst.reason;
  if (ofSecond.status === "rejected") throw ofSecond.reason;
  return [ofFirst.value, ofSecond.value];
}
