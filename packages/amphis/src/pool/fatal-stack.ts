/** First line that the fault handler of Python writes. */
const FATAL = /^(?:Fatal Python error: |Windows fatal exception: )/m;

/** First line of the stack of a thread. */
const THREAD = /^(?:Current thread|Thread) 0x/m;

/** Lines that belong to what it writes. */
const PART =
  /^(?:Fatal Python error: .*|Windows fatal exception: .*|Python runtime state: .*|(?:Current thread|Thread) 0x.*|Extension modules: .*|  (?:File ".*|<.*|\.\.\.|Garbage-collecting))$/;

/** Longest stack that is kept. */
const MOST_LINES = 120;

/** The last report of Python's fault handler in what a process wrote to its standard error; empty if there is none. */
export function fatalStack(stderr: string): string {
  const start = lastStart(stderr);
  return start < 0 ? "" : partsOf(stderr.slice(start));
}

/** The lines at the beginning that the handler wrote. */
function partsOf(text: string): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const part = line.trimEnd();
    if (part !== "" && !PART.test(part)) break;
    lines.push(part);
    if (lines.length === MOST_LINES) break;
  }
  return lines.join("\n").trim();
}

/** The stacks of all threads in what a process wrote, as the same handler writes them when it is asked; empty if there are none. */
export function stacksIn(stderr: string): string {
  const start = stderr.search(THREAD);
  return start < 0 ? "" : partsOf(stderr.slice(start));
}

function lastStart(stderr: string): number {
  const pattern = new RegExp(FATAL, "gm");
  let start = -1;
  for (let match = pattern.exec(stderr); match !== null; match = pattern.exec(stderr)) {
    start = match.index;
  }
  return start;
}
