/** One step of a traceback of Python. */
export interface PythonFrame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  /** The line of code; empty where its file cannot be read. */
  readonly source: string;
}
