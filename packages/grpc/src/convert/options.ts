/** How values are converted. */
export interface ConvertOptions {
  /**
   * Most levels of lists, maps, sets and tuples in each other. Readers of Protocol Buffers give up at 100 messages in each other, and a
   * level takes up to three. @default 32
   */
  readonly maxDepth?: number;
  /** Read integral floats as `Float`, so that writing them again gives floats. @default false */
  readonly exactFloats?: boolean;
  /** Read maps whose keys are all strings as plain objects, or every map as a `Map`. @default "object" */
  readonly maps?: "object" | "map";
}

export function resolveConvertOptions(options: ConvertOptions = {}): Required<ConvertOptions> {
  const { maxDepth = 32, exactFloats = false, maps = "object" } = options;
  if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > 512) {
    throw new RangeError(
      `Cannot convert: maxDepth must be an integer from 1 to 512, got ${maxDepth}`,
    );
  }
  return { maxDepth, exactFloats, maps };
}
