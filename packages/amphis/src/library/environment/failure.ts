import { AmphisError } from "@amphis/protocol";

import { redact } from "./surroundings.ts";
import type { ToolEnd } from "./tool.ts";

const LONGEST_TAIL = 8_192;

/** Whose environment it is, as errors name it. */
export interface Scope {
  readonly environment: string;
}

/** What a tool said, for people: without credentials, colours and all but the end of what is very long. */
export function saidBy({ stdout, stderr }: ToolEnd): string {
  const text = redact(stderr.trim() === "" ? stdout : stderr)
    .replaceAll(/\u001B\[[0-9;]*m/gu, "")
    .trim();
  return text.length <= LONGEST_TAIL ? text : `... ${text.slice(-LONGEST_TAIL)}`;
}

export function conflict(
  { environment }: Scope,
  tool: string,
  explanation: string,
): AmphisError<"ENVIRONMENT_CONFLICT"> {
  const message = `Cannot find versions for environment ${environment} that fit together: ${explanation}`;
  return new AmphisError("ENVIRONMENT_CONFLICT", message, { environment, tool, explanation });
}

export function offlineError(
  { environment }: Scope,
  missing: readonly string[],
  reason: string,
): AmphisError<"ENVIRONMENT_OFFLINE"> {
  const names = missing.join(", ");
  const message = `Cannot install environment ${environment} without a package index: ${names} ${missing.length === 1 ? "is" : "are"} not in the cache: ${reason}`;
  return new AmphisError("ENVIRONMENT_OFFLINE", message, {
    environment,
    missing: [...missing],
    reason,
  });
}

export function hashMismatch(
  { environment }: Scope,
  packages: readonly string[],
  detail: string,
): AmphisError<"ENVIRONMENT_HASH_MISMATCH"> {
  const message = `Cannot install ${packages.join(", ")} into environment ${environment}: the files are not those of the lock: ${detail}`;
  return new AmphisError("ENVIRONMENT_HASH_MISMATCH", message, {
    environment,
    packages: [...packages],
    detail,
  });
}

export function toolFailed(
  { environment }: Scope,
  tool: string,
  end: ToolEnd,
): AmphisError<"ENVIRONMENT_INSTALL_FAILED"> {
  const output = saidBy(end);
  const message = `Cannot make environment ${environment}: ${tool} ended with exit code ${end.exitCode}: ${output}`;
  return new AmphisError("ENVIRONMENT_INSTALL_FAILED", message, {
    environment,
    tool,
    exitCode: end.exitCode,
    output,
  });
}

export function broken(
  { environment }: Scope,
  prefix: string,
  problems: readonly string[],
): AmphisError<"ENVIRONMENT_BROKEN"> {
  const shown = problems.slice(0, 10).join("; ");
  const more = problems.length > 10 ? `; and ${problems.length - 10} more` : "";
  const message = `Cannot use environment ${environment} in ${prefix}: ${shown}${more}`;
  return new AmphisError("ENVIRONMENT_BROKEN", message, {
    environment,
    prefix,
    problems: [...problems],
  });
}
