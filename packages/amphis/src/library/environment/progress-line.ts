import type { EnvironmentProgress } from "./progress.ts";

/** Where a line is shown: standard error, as a rule. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Shows progress in one line of a terminal, which is written over; where there is no terminal, nothing.
 *
 * Nothing is shown either when there is nothing to do. When it is done, what was done stays in the line.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #startedAt = performance.now();
  #packages = 0;
  #isShown = false;

  constructor(stream: ProgressStream = process.stderr) {
    this.#stream = stream;
  }

  show(environment: string, progress: EnvironmentProgress): void {
    if (this.#stream.isTTY !== true) return;
    if (progress.kind === "installing") this.#packages = progress.total;
    if (progress.kind !== "done") {
      this.#write(`Python environment ${environment}: ${formatProgress(progress)}`);
    } else if (this.#isShown) {
      const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(1);
      const packages = this.#packages === 1 ? "one package" : `${this.#packages} packages`;
      this.#write(`Python environment ${environment}: ${packages} installed in ${seconds} s`);
      this.#stream.write("\n");
      this.#isShown = false;
    }
  }

  /** Takes the line away, if something is in it: what went wrong is told in its place. */
  clear(): void {
    if (this.#isShown) this.#stream.write("\r\u001B[K");
    this.#isShown = false;
  }

  #write(text: string): void {
    const { columns = 0 } = this.#stream;
    const width = columns > 0 ? columns : 80;
    this.#stream.write(`\r${text.slice(0, width - 1)}\u001B[K`);
    this.#isShown = true;
  }
}

/** What is being done, in a few words without control characters. */
export function formatProgress(progress: EnvironmentProgress): string {
  return wordsOf(progress).replaceAll(/\p{Cc}/gu, " ");
}

function wordsOf(progress: EnvironmentProgress): string {
  switch (progress.kind) {
    case "waiting":
      return `waiting for ${progress.holder}`;
    case "resolving":
      return progress.requirements === 1
        ? "choosing versions for one requirement"
        : `choosing versions for ${progress.requirements} requirements`;
    case "resolved":
      return progress.packages === 1
        ? "one package chosen"
        : `${progress.packages} packages chosen`;
    case "downloading":
      return `downloading ${progress.package}`;
    case "installing":
      return `installing ${progress.package} (${progress.index} of ${progress.total})`;
    case "checking":
      return `checking ${progress.what}`;
    case "done":
      return "ready";
  }
}
