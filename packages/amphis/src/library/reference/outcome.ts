import type { Example } from "./example.ts";

/** What a statement of an example came to. */
export interface StepOutcome {
  readonly source: string;
  /** What it printed, and what Python's prompt shows of it. */
  readonly output: string;
  /** What it raised, in a line or two; then no other was run. */
  readonly error: string | null;
}

/** The module and function in a worker that runs examples: with their module, names and sources. */
export const EXAMPLE_FUNCTION = "amphis._internal.library.example:run_example";

const LONGEST = 20_001;

/** What {@link EXAMPLE_FUNCTION} is called with. */
export function exampleArguments(example: Example): [string, readonly string[], readonly string[]] {
  return [example.module, example.names, sourcesOf(example)];
}

function sourcesOf({ steps }: Example): readonly string[] {
  return steps.filter(({ isSkipped }) => !isSkipped).map(({ source }) => source);
}

/**
 * What a worker says of an example, which it may say in any shape.
 *
 * @throws {TypeError} when it is something else
 */
export function readOutcomes(example: Example, said: unknown): StepOutcome[] {
  const sources = sourcesOf(example);
  if (!Array.isArray(said) || said.length > sources.length) throw unreadable();
  return said.map((one: unknown, at): StepOutcome => {
    if (typeof one !== "object" || one === null) throw unreadable();
    const { output, error } = one as { readonly output?: unknown; readonly error?: unknown };
    if (typeof output !== "string" || (typeof error !== "string" && error !== null)) {
      throw unreadable();
    }
    return {
      source: sources[at] ?? "",
      output: output.slice(0, LONGEST),
      error: error === null ? null : error.slice(0, LONGEST),
    };
  });
}

function unreadable(): TypeError {
  return new TypeError("Cannot show example: the worker answered with something else");
}
