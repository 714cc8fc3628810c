import { AmphisError, type ErrorOrigin, isAmphisError } from "./amphis-error.ts";

/** An error as a plain map; the body of an error frame. */
export interface WireError {
  readonly code: string;
  readonly number: number;
  readonly category: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly origin?: ErrorOrigin;
  readonly cause?: WireError;
}

const MAX_CAUSES = 8;

/**
 * Turns anything thrown into its wire form. An error that is not Amphis's own becomes `REMOTE_FAILURE` with its origin.
 */
export function encodeError(error: unknown): WireError {
  return encodeAt(error, 0);
}

function encodeAt(error: unknown, depth: number): WireError {
  const cause =
    error instanceof Error && error.cause !== undefined && depth < MAX_CAUSES
      ? encodeAt(error.cause, depth + 1)
      : undefined;
  if (!isAmphisError(error)) return foreign(error, cause);
  return {
    code: error.code,
    number: error.number,
    category: error.category,
    message: error.message,
    retryable: error.retryable,
    context: error.context,
    ...(error.correlationId === undefined ? {} : { correlationId: error.correlationId }),
    ...(error.origin === undefined ? {} : { origin: error.origin }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function foreign(error: unknown, cause: WireError | undefined): WireError {
  const { number, category, retryable } = new AmphisError("REMOTE_FAILURE", "", {});
  const known = error instanceof Error;
  return {
    code: "REMOTE_FAILURE",
    number,
    category,
    message: known
      ? error.message
      : `Something that is no error was thrown: ${typeof error === "string" ? error : typeof error}`,
    retryable,
    context: {},
    origin: {
      language: "javascript",
      type: known ? error.name : typeof error,
      ...(known && error.stack !== undefined ? { traceback: error.stack } : {}),
    },
    ...(cause === undefined ? {} : { cause }),
  };
}

/**
 * Rebuilds an error from a decoded wire form, which may hold anything.
 *
 * @throws {AmphisError} BODY_INVALID when a field is missing or of the wrong kind
 */
export function decodeError(wire: unknown): AmphisError {
  return decodeAt(wire, "$", 0);
}

function decodeAt(wire: unknown, path: string, depth: number): AmphisError {
  const map = asMap(wire, path);
  const code = field(map, "code", "string", path);
  const message = field(map, "message", "string", path);
  const context = { ...asMap(map["context"] ?? {}, `${path}.context`) };
  const cause =
    map["cause"] === undefined || map["cause"] === null || depth >= MAX_CAUSES
      ? undefined
      : decodeAt(map["cause"], `${path}.cause`, depth + 1);
  return new AmphisError(code, message, context, {
    cause,
    correlationId: optional(map, "correlationId", path),
    remote: {
      number: field(map, "number", "number", path),
      category: field(map, "category", "string", path),
      retryable: field(map, "retryable", "boolean", path),
      origin: originOf(map["origin"], `${path}.origin`),
    },
  });
}

function originOf(value: unknown, path: string): ErrorOrigin | undefined {
  if (value === undefined || value === null) return undefined;
  const map = asMap(value, path);
  const language = optional(map, "language", path);
  const type = optional(map, "type", path);
  const traceback = optional(map, "traceback", path);
  return {
    ...(language === undefined ? {} : { language }),
    ...(type === undefined ? {} : { type }),
    ...(traceback === undefined ? {} : { traceback }),
  };
}

interface Primitives {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

function field<K extends keyof Primitives>(
  map: Record<string, unknown>,
  key: string,
  kind: K,
  path: string,
): Primitives[K] {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  if (typeof value !== kind) throw invalid(`${path}.${key}`, `a ${kind}`);
  return value as Primitives[K];
}

function optional(map: Record<string, unknown>, key: string, path: string): string | undefined {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${path}.${key}`, "a string");
  return value;
}

function asMap(value: unknown, path: string): Record<string, unknown> {
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value)
  ) {
    throw invalid(path, "a map");
  }
  return value as Record<string, unknown>;
}

function invalid(path: string, expected: string): AmphisError<"BODY_INVALID"> {
  return new AmphisError("BODY_INVALID", `Cannot read error: ${path} must be ${expected}`, {
    body: "error",
    path,
    expected,
  });
}
