/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** Path of the file, name of the environment variable, or `code`. */
  readonly source: string;
  /** From 1; absent where there is no text, or the place in it cannot be told. */
  readonly line?: number | undefined;
  /** From 1, in UTF-16 code units. */
  readonly column?: number | undefined;
  /** Which option: `libraries.numpy.verison`; empty for the whole. */
  readonly path: string;
  /** What may stand there: `one of "process", "thread", "asyncio"`. */
  readonly expected: string;
  /** What does: `"fast"`; `***` for what is secret. */
  readonly found: string;
  /** What may have been meant: `version`. */
  readonly suggestion?: string | undefined;
  /** All but the place in one sentence. */
  readonly message: string;
}
