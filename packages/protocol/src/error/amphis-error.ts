import {
  ERRORS,
  type ErrorCategory,
  type ErrorCode,
  type ErrorContexts,
} from "./generated/codes.ts";

/** What an error of this code carries; any fields for a code that this version does not know. */
export type ErrorContext<C extends string> = C extends ErrorCode
  ? ErrorContexts[C]
  : Readonly<Record<string, unknown>>;

export interface AmphisErrorOptions extends ErrorOptions {
  /** The message or call that failed. */
  readonly correlationId?: string | undefined;
}

/** Where an error was raised when that was not here. */
export interface ErrorOrigin {
  readonly language?: string;
  /** Class of the original error: `ValueError`. */
  readonly type?: string;
  readonly traceback?: string;
}

/** What the wire says of an error whose code may be newer than this program. */
export interface RemoteErrorInfo {
  readonly number: number;
  readonly category: string;
  readonly retryable: boolean;
  readonly origin?: ErrorOrigin | undefined;
}

/** Survives two copies of this package in one process, where `instanceof` does not. */
const BRAND = Symbol.for("amphis.error");

/**
 * Every failure that Amphis reports.
 *
 * Match `code`, never the text. The fields that belong to the code are in `context` and also directly on the error, so
 * `isAmphisError(e, "FRAME_TOO_LARGE") && e.limit` type-checks.
 */
export class AmphisError<C extends string = string> extends Error {
  override readonly name = "AmphisError";
  readonly code: C;
  readonly number: number;
  readonly category: ErrorCategory | (string & {});
  /** Whether the same call may succeed when it is made again. */
  readonly retryable: boolean;
  /** What to do about it. */
  readonly remedy: string;
  readonly context: ErrorContext<C>;
  readonly correlationId: string | undefined;
  readonly origin: ErrorOrigin | undefined;

  constructor(
    code: C,
    message: string,
    context: ErrorContext<C>,
    options: AmphisErrorOptions & { readonly remote?: RemoteErrorInfo } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const info = ownInfo(code);
    const { remote } = options;
    this.code = code;
    this.number = info?.number ?? remote?.number ?? 0;
    this.category = info?.category ?? remote?.category ?? "remote";
    this.retryable = remote?.retryable ?? info?.retryable ?? false;
    this.remedy =
      info?.remedy ??
      "Update this program: the peer is newer and knows an error that this version does not";
    this.correlationId = options.correlationId;
    this.origin = remote?.origin;
    this.context = Object.freeze({ ...context }) as ErrorContext<C>;
    adopt(this, this.context);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

function ownInfo(code: string): (typeof ERRORS)[ErrorCode] | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}

/** A context that came from a peer may name anything, so it never replaces what the error already has. */
function adopt(error: Error, context: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(context)) {
    if (key in error || key === "cause") continue;
    Object.defineProperty(error, key, { value: context[key], enumerable: false });
  }
}

/**
 * Tells whether something thrown is an Amphis error, of one code if one is given, and narrows it.
 *
 * Works across copies of this package and for errors that a peer sent.
 */
export function isAmphisError(error: unknown): error is AmphisError;
export function isAmphisError<C extends ErrorCode>(
  error: unknown,
  code: C,
): error is AmphisError<C> & ErrorContexts[C];
export function isAmphisError(error: unknown, code?: string): boolean {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as object as AmphisError).code === code;
}
