import { AsyncLocalStorage } from "node:async_hooks";
import { randomFillSync } from "node:crypto";

/**
 * Which trace something belongs to, as W3C Trace Context says it (https://www.w3.org/TR/trace-context).
 *
 * Of that, `traceparent` travels; `tracestate`, which belongs to vendors, does not.
 */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all 0: the span that is the parent of what comes next. */
  readonly spanId: string;
  /** Whether the trace is recorded. */
  readonly isSampled: boolean;
}

// traceparent, ASCII: version 2, "-", trace id 32, "-", span id 16, "-", flags 2, all but "-" hexadecimal in lower case.
// Later versions may go on behind it with "-" and more.
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
const SAMPLED = 0x01;

/** Reads a `traceparent`; what is invalid is none, as the standard wants it. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = TRACEPARENT.exec(text);
  if (match === null) return undefined;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = match;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** Writes a `traceparent` of version 00. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** Begins a trace of its own, with random ids. */
export function newTrace({
  isSampled = true,
}: { readonly isSampled?: boolean } = {}): TraceContext {
  return { traceId: randomId(16, NO_TRACE), spanId: randomId(8, NO_SPAN), isSampled };
}

/** A new span below another one, in the same trace. */
export function childTrace({ traceId, isSampled }: TraceContext): TraceContext {
  return { traceId, spanId: randomId(8, NO_SPAN), isSampled };
}

/** Made when it is first needed: following promises costs every program that does it. */
let current: AsyncLocalStorage<TraceContext | undefined> | undefined;

/** The trace that this code runs in, across `await`; none unless `withTrace` is around it. */
export function currentTrace(): TraceContext | undefined {
  return current?.getStore();
}

/** Runs a function, and all it awaits, in a trace; or in none. */
export function withTrace<Result>(trace: TraceContext | undefined, run: () => Result): Result {
  current ??= new AsyncLocalStorage();
  return current.run(trace, run);
}

/** What a call made here carries into Python: a new span of the current trace; nothing where there is none. */
export function traceparentForCall(): string | undefined {
  const trace = currentTrace();
  return trace === undefined ? undefined : formatTraceparent(childTrace(trace));
}

/** Asking the system for randomness costs a microsecond, so it is asked for much at once. */
const random = Buffer.alloc(4096);
let used = random.length;

function randomId(byteLength: number, none: string): string {
  for (;;) {
    if (used + byteLength > random.length) {
      randomFillSync(random);
      used = 0;
    }
    const id = random.toString("hex", used, used + byteLength);
    used += byteLength;
    if (id !== none) return id;
  }
}
