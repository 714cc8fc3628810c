// How the tour looks.

const isColored = process.stdout.hasColors?.() === true && process.env["NO_COLOR"] === undefined;
const paint = (code, text) => (isColored ? `\u001b[${code}m${text}\u001b[0m` : text);
const dim = (text) => paint("2", text);
const bold = (text) => paint("1", text);
const green = (text) => paint("32", text);

const began = performance.now();
let steps = 0;
let left = 0;

export function title(text) {
  console.log(`\n${bold(text)}\n`);
}

/**
 * Does one step and prints what came of it, with its time.
 *
 * @param {string} what
 * @param {{ needs?: string, missing?: ReadonlySet<string> }} options
 * @param {() => unknown} run gives the line to show
 */
export async function step(what, options, run) {
  const number = String((steps += 1)).padStart(2);
  if (options.needs !== undefined && options.missing?.has(options.needs) === true) {
    left += 1;
    console.log(
      `${number}  ${what}\n    ${dim(`left out: ${options.needs} is not installed here`)}`,
    );
    return;
  }
  const start = performance.now();
  const line = await run();
  const time = shownTime(performance.now() - start);
  console.log(`${number}  ${bold(what.padEnd(38))} ${green(time.padStart(9))}\n    ${dim(line)}`);
}

export function total() {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const rest = left === 0 ? "" : `, ${left} left out`;
  console.log(`\n${green("✓")} ${steps - left} steps in ${seconds} s${rest}; no process is left\n`);
}

function shownTime(ms) {
  return ms < 1 ? `${Math.round(ms * 1_000)} us` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
