import { AmphisError } from "@amphis/protocol";

/** Most bytes of the name of a member, an endpoint, a capability or a group. */
const MAX_NAME_BYTES = 255;
/** Most bytes of a topic, a topic pattern or a glob. */
export const MAX_PATTERN_BYTES = 1_024;
/** Most levels of a topic or a topic pattern. */
export const MAX_LEVELS = 64;
/** `$endpoint.health.<name>` must be a topic. */
const MAX_ENDPOINT_LEVELS = MAX_LEVELS - 2;
const RESERVED = /[*?#@$]/;
/** Most characters of a refused text that an error shows. */
const SHOWN = 100;
const UTF8 = new TextEncoder();

/**
 * Checks a name as spec/bus.md has it.
 *
 * @throws {AmphisError} NAME_INVALID with what is wrong; {TypeError} when it is no string
 */
export function checkName(
  what: "member" | "endpoint" | "capability" | "group",
  name: string,
): void {
  checkText(what, name, MAX_NAME_BYTES);
  const reserved = RESERVED.exec(name);
  if (reserved !== null) throw invalidName(what, name, `it contains ${reserved[0]}`);
  if (what === "endpoint") checkLevels(what, name, MAX_ENDPOINT_LEVELS);
}

/**
 * Refuses what no name, topic or pattern may be: empty, too long, with control characters or not valid Unicode.
 *
 * @throws {AmphisError} NAME_INVALID; {TypeError} when it is no string
 */
export function checkText(what: string, text: string, maxBytes: number): void {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot use ${what}: expected a string, got ${typeof text}`);
  }
  if (text === "") throw invalidName(what, text, "it is empty");
  if (text.length > maxBytes || UTF8.encode(text).length > maxBytes) {
    throw invalidName(what, text, `it is longer than ${maxBytes} bytes`);
  }
  if (/[\0-\x1f\x7f]/.test(text)) {
    throw invalidName(what, text, "it contains a control character");
  }
  if (/\p{Surrogate}/u.test(text)) throw invalidName(what, text, "it is not valid Unicode");
}

/** @throws {AmphisError} NAME_INVALID when a level is empty or there are too many */
export function checkLevels(what: string, text: string, maxLevels: number): void {
  const levels = text.split(".");
  if (levels.includes("")) throw invalidName(what, text, "a level is empty");
  if (levels.length > maxLevels) {
    throw invalidName(what, text, `it has more than ${maxLevels} levels`);
  }
}

/** The error for a name, topic or pattern whose form is not allowed. */
export function invalidName(
  what: string,
  name: string,
  reason: string,
): AmphisError<"NAME_INVALID"> {
  const received = excerptOf(name);
  const message = `Cannot use ${what} ${JSON.stringify(received)}: ${reason}`;
  return new AmphisError("NAME_INVALID", message, { what, received, reason });
}

/** The beginning of a text that a peer may have made, valid Unicode in any case: errors travel. */
export function excerptOf(text: string): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return shown.replaceAll(/\p{Surrogate}/gu, "\ufffd");
}
