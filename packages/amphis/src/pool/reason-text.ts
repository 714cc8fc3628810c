import { inspect } from "node:util";

/** Longest text of a reason that is no error. */
const MOST_CHARACTERS = 200;

/** What somebody gave as a reason, in words: the message of an error, a short text of all else. Never throws. */
export function reasonText(reason: unknown): string {
  try {
    if (reason instanceof Error) return String(reason.message);
    const text = typeof reason === "string" ? reason : inspect(reason, SHORT);
    return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
  } catch {
    // Its own code threw when it was asked.
    return `a reason that cannot be shown (${typeof reason})`;
  }
}

const SHORT = {
  depth: 1,
  breakLength: Infinity,
  customInspect: false,
  maxArrayLength: 5,
  maxStringLength: 100,
} as const;
