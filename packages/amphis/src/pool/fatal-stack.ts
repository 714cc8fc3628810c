/** First line that the fault handler of Python writes. */
const FATAL = /^(?:Fatal Python error: |Windows fatal exception: )/m;

/** Lines that belong to what it writes. */
const PART =
  /^(?:Fatal Python error: .*|Windows fatal exception: .*|Python runtime state: .*|(?:Current thread|Thread) 0x.*|Extension modules: .*|  (?:File ".*|<.*|\.\.\.|Garbage-collecting))$/;

/** Longest stack that is kept. */
const MOST_LINES = 120;

/** The last report of Python's fault handler in what a process wrote to its standard error; empty if there is none. */
export function fatalStack(stderr: string): string {
  const start = lastStart(stderr);
  if (start < 0) return "";
  const lines: string[] = [];
  for (const line of stderr.slice(start).split("\n")) {
    const text = line.trimEnd();
    if (text !== "" && !PART.test(text)) break;
    lines.push(text);
    if (lines.length === MOST_LINES) break;
  }
  return lines.join("\n").trim();
}

function lastStart(stderr: string): number {
  const pattern = new RegExp(FATAL, "gm");
  let start = -1;
  for (let match = pattern.exec(stderr); match !== null; match = pattern.exec(stderr)) {
    start = match.index;
  }
  return start;
}
