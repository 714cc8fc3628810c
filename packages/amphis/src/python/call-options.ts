import { PRIORITIES } from "@amphis/protocol";

import type { CallOptions as PoolCallOptions, Session } from "../pool/index.ts";
import { Keywords } from "./keywords.ts";
import { expectBoolean, expectKnown, expectText, kindOf } from "./known-options.ts";
import type { Arguments } from "./keywords.ts";

/** A session as calls name it; made by `py.session()`. */
export interface CallSession {
  readonly name: string;
}

/** How one call, chain or stream is made. */
export interface CallOptions extends Omit<PoolCallOptions, "session"> {
  /** Made on the worker of this session. */
  readonly session?: CallSession | undefined;
}

const KNOWN: Readonly<Record<keyof CallOptions, true>> = {
  pool: true,
  session: true,
  device: true,
  idempotent: true,
  priority: true,
  timeoutMs: true,
  signal: true,
};

/** What cannot be done, in messages. */
const CALL = "call Python";

/** What a call is made with when nothing is said. */
export const NO_OPTIONS: PoolCallOptions = {};

const sessions = new WeakMap<CallSession, Session>();

/** Makes a session known by what users hold of it. */
export function nameSession(session: CallSession, behind: Session): void {
  sessions.set(session, behind);
}

/** @throws {TypeError} for options that there are not, and values that make no sense */
export function poolCallOptions(options: CallOptions | undefined): PoolCallOptions {
  if (options === undefined) return NO_OPTIONS;
  expectKnown("call Python", options, KNOWN);
  expectHow(options);
  const { session } = options;
  if (session === undefined) return options as PoolCallOptions;
  const behind = sessions.get(session);
  if (behind === undefined) {
    throw new TypeError(
      `Cannot call Python: session must be one that py.session() made, got ${kindOf(session)}`,
    );
  }
  return { ...options, session: behind };
}

function expectHow({ pool, device, idempotent, priority, timeoutMs, signal }: CallOptions): void {
  if (pool !== undefined) expectText(CALL, "pool", pool);
  if (device !== undefined) expectText(CALL, "device", device);
  if (idempotent !== undefined) expectBoolean(CALL, "idempotent", idempotent);
  if (timeoutMs !== undefined) expectTimeout(timeoutMs);
  if (priority !== undefined && !PRIORITIES.includes(priority)) {
    const got = typeof priority === "string" ? JSON.stringify(priority) : kindOf(priority);
    throw new TypeError(`Cannot ${CALL}: priority must be ${PRIORITIES.join(", ")}, got ${got}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Cannot ${CALL}: signal must be an AbortSignal, got ${kindOf(signal)}`);
  }
}

function expectTimeout(timeoutMs: unknown): void {
  if (typeof timeoutMs !== "number") {
    throw new TypeError(
      `Cannot ${CALL}: timeoutMs must be a number of 0 or more, got ${kindOf(timeoutMs)}`,
    );
  }
  if (timeoutMs >= 0) return;
  throw new RangeError(`Cannot ${CALL}: timeoutMs must be 0 or more, got ${timeoutMs}`);
}

/** What stands behind the name of a function in `call` and `stream`. */
export interface CallInput extends Arguments {
  readonly options: PoolCallOptions;
}

/**
 * Tells keywords from options: `(args)`, `(args, options)`, `(args, kw(...))`, `(args, kw(...), options)`.
 *
 * @throws {TypeError}
 */
export function callInput(
  args: readonly unknown[] = [],
  third?: Keywords | CallOptions,
  fourth?: CallOptions,
): CallInput {
  if (!Array.isArray(args)) {
    throw new TypeError(`Cannot call Python: arguments must be an array, got ${kindOf(args)}`);
  }
  if (third instanceof Keywords) {
    return { args, kwargs: third.values, options: poolCallOptions(fourth) };
  }
  if (fourth !== undefined) {
    throw new TypeError("Cannot call Python: keyword arguments must be made by kw(...)");
  }
  const last: unknown = args.at(-1);
  return last instanceof Keywords
    ? { args: args.slice(0, -1), kwargs: last.values, options: poolCallOptions(third) }
    : { args, kwargs: undefined, options: poolCallOptions(third) };
}
