import { AmphisError } from "@amphis/protocol";

import { excerptOf } from "../name.ts";

/** The error for a filter that cannot be understood. */
export function invalid(
  at: string,
  reason: string,
  cause?: unknown,
): AmphisError<"FILTER_INVALID"> {
  const path = excerptOf(at);
  const where = path === "" ? "" : ` at ${JSON.stringify(path)}`;
  return new AmphisError(
    "FILTER_INVALID",
    `Cannot use filter${where}: ${reason}`,
    { path, reason },
    cause === undefined ? {} : { cause },
  );
}

/** Names what something is, for the text of an error. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  return value instanceof Map || isRecord(value) ? "a map" : "another kind of value";
}

/** A map whose keys are text, as codecs make it. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
