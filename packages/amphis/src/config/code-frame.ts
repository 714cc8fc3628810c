/** Longest piece of a line that is shown. */
const WIDTH = 100;

/** A line of a file with its number, and a mark below a column. */
export function codeFrame(lineText: string, line: number, column: number): string {
  const from = lineText.length <= WIDTH ? 0 : Math.max(0, column - 1 - WIDTH / 2);
  const cut = from === 0 ? "" : "...";
  const shown = cut + printable(lineText.slice(from + cut.length, from + WIDTH));
  const margin = `    ${line} | `;
  const mark = `${" ".repeat(margin.length - 2)}| ${" ".repeat(column - 1 - from)}^`;
  return `${margin}${shown}\n${mark}`;
}

/** A file must not write to the terminal what it likes. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/gu, " ");
}
