import { AmphisError } from "../error/index.ts";
import { PRIORITIES } from "../priority.ts";
import { describeKind, Uuid } from "../value/index.ts";

const MAX_NAME_BYTES = 1_024;
const MAX_VERSION = 0xffff_ffff;
const PRIORITY_NAMES: readonly unknown[] = PRIORITIES;
const TYPES: readonly unknown[] = ["request", "response", "event", "error", "heartbeat"];

/** Fields as they come from a caller or a peer: anything at all. */
interface UncheckedMessage {
  readonly type?: unknown;
  readonly priority?: unknown;
  readonly ttlMs?: unknown;
  readonly target?: unknown;
  readonly id?: unknown;
  readonly correlationId?: unknown;
  readonly source?: unknown;
  readonly timestamp?: unknown;
  readonly schema?: unknown;
  readonly version?: unknown;
  readonly metadata?: unknown;
}

/**
 * @param decoded skips the ids, which a decoder formats itself
 * @throws {AmphisError} MESSAGE_INVALID for the first field that is not as spec/message.md says
 */
export function checkMessage(fields: UncheckedMessage, decoded: boolean): void {
  if (typeof fields !== "object" || fields === null) {
    throw new TypeError(`Cannot make message: expected an object, got ${describeKind(fields)}`);
  }
  const {
    type,
    priority,
    ttlMs,
    target,
    id,
    correlationId,
    source,
    timestamp,
    schema,
    version,
    metadata,
  } = fields;
  if (!TYPES.includes(type)) throw invalid("type", `one of ${TYPES.join(", ")}`, type);
  if (priority !== undefined && !PRIORITY_NAMES.includes(priority)) {
    throw invalid("priority", `one of ${PRIORITIES.join(", ")}`, priority);
  }
  if (ttlMs !== undefined) expectInteger("ttlMs", ttlMs, 0, Number.MAX_SAFE_INTEGER);
  if (target !== undefined) expectName("target", target);
  if (id !== undefined && !decoded) expectUuid("id", id);
  if (correlationId !== undefined && !decoded) expectUuid("correlationId", correlationId);
  if (source !== undefined) expectName("source", source);
  if (timestamp !== undefined) expectInteger("timestamp", timestamp, 0, Number.MAX_SAFE_INTEGER);
  if (schema !== undefined) expectName("schema", schema);
  if (version !== undefined) expectInteger("version", version, 1, MAX_VERSION);
  if (metadata !== undefined) expectMetadata(metadata);
}

/** A TTL that a peer sent. */
export function ttlOf(value: unknown): number | undefined {
  if (value !== undefined) expectInteger("ttlMs", value, 0, Number.MAX_SAFE_INTEGER);
  return value as number | undefined;
}

/** The error for a field that is not as it should be. */
export function invalid(
  field: string,
  expected: string,
  value: unknown,
): AmphisError<"MESSAGE_INVALID"> {
  const received =
    typeof value === "string"
      ? JSON.stringify(value.slice(0, 40))
      : typeof value === "number"
        ? String(value)
        : describeKind(value);
  return new AmphisError(
    "MESSAGE_INVALID",
    `Cannot make message: ${field} must be ${expected}, got ${received}`,
    { field, expected, received },
  );
}

function expectInteger(field: string, value: unknown, min: number, max: number): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(field, `an integer from ${min} to ${max}`, value);
  }
}

function expectUuid(field: string, value: unknown): void {
  if (typeof value !== "string" || !Uuid.isText(value)) {
    throw invalid(field, "a UUID in lower case", value);
  }
}

function expectName(field: string, value: unknown): void {
  if (typeof value !== "string" || !isName(value)) {
    throw invalid(
      field,
      `text of at most ${MAX_NAME_BYTES} bytes without control characters`,
      value,
    );
  }
}

function expectMetadata(value: unknown): void {
  const prototype: unknown =
    typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalid("metadata", "a map with string keys", value);
  }
}

function isName(text: string): boolean {
  const { length } = text;
  if (length > MAX_NAME_BYTES) return false;
  let seen = 0;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return false;
    seen |= code;
  }
  return seen < 0x80 || (!/\p{Surrogate}/u.test(text) && utf8Length(text) <= MAX_NAME_BYTES);
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
