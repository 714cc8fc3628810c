/** One place where a value does not satisfy its schema. */
export interface ValidationFailure {
  /** Where: `$.user.tags[2]`. */
  readonly path: string;
  /** What the schema asks for: `integer >= 1`. */
  readonly expected: string;
  /** What was there instead: `"abc"`, `nothing`. */
  readonly received: string;
  /** The three joined to a sentence. */
  readonly message: string;
}
