/** One way to hand arrays over, with a Python process at the other end. */
export interface Way {
  /** Hands over so many bytes; resolves when Python has touched both ends. */
  toPython(bytes: number): Promise<void>;
  /** Has as many come back, and touches both ends. */
  fromPython(bytes: number): Promise<void>;
  stop(): Promise<void>;
}

const sources = new Map<number, Float64Array>();

/** What is handed over: made before, with pages behind it. */
export function sourceOf(bytes: number): Float64Array<ArrayBuffer> {
  const known = sources.get(bytes) ?? new Float64Array(bytes / 8).fill(1);
  sources.set(bytes, known);
  return known as Float64Array<ArrayBuffer>;
}

export function bytesOf(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sourceOf(bytes).buffer);
}

/** Uses both ends of what came, as a check. */
export function touch(array: Float64Array): void {
  const [first] = array;
  if (first !== 1 || array.at(-1) !== 1) throw new Error("Cannot go on: the array is wrong");
}
