import { AmphisError } from "@amphis/protocol";
import type { ConfigProblem } from "@amphis/protocol";

import { MOST_MISMATCHES } from "./check.ts";
import { codeFrame } from "./code-frame.ts";

/** A problem, and the text that it was found in. */
export interface FoundProblem {
  readonly problem: ConfigProblem;
  /** Line of the text, fit to be printed. */
  readonly lineText?: string | undefined;
}

/** One error for all problems of a configuration. */
export function configInvalid(
  found: readonly FoundProblem[],
  cause?: unknown,
): AmphisError<"CONFIG_INVALID"> {
  const sources = [...new Set(found.map(({ problem }) => problem.source))];
  const most = found.length >= MOST_MISMATCHES ? " or more" : "";
  const number = found.length === 1 ? "one problem" : `${found.length} problems${most}`;
  const texts = found.map(formatProblem).join("\n\n");
  return new AmphisError(
    "CONFIG_INVALID",
    `Cannot use the configuration of ${sources.join(", ")}: ${number}\n\n${texts}\n`,
    { problems: found.map(({ problem }) => problem) },
    { cause },
  );
}

/** `file:line:column path: expected ..., got ...`, and the line that it is about. */
function formatProblem({ problem, lineText }: FoundProblem): string {
  const { source, line, column, message } = problem;
  const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
  const frame = lineText === undefined ? "" : `\n${codeFrame(lineText, line ?? 1, column ?? 1)}`;
  return `${place}\n  ${message}${frame}`;
}
