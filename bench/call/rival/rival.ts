/** One way to call Python, up and running. */
export interface Rival {
  /** Process of the Python side, to be put on a CPU; undefined: it is this process. */
  readonly pid: number | undefined;
  /** Adds two numbers in Python. */
  add(left: number, right: number): Promise<number>;
  /** The same, while this thread waits. */
  addSync?(left: number, right: number): number;
  /** Hands an array over and reads its first element in Python. */
  first?(array: Float64Array): Promise<number>;
  stop(): Promise<void>;
}

export type StartRival = (folder: string) => Promise<Rival>;
