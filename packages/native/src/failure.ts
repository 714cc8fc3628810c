import { getSystemErrorName } from "node:util";

import { AmphisError } from "@amphis/protocol";

interface NativeFailure extends Error {
  readonly call: string;
  readonly errno: number;
}

const REFUSALS: Readonly<Record<string, string>> = {
  "not-memory": "the descriptor is not an anonymous file in memory",
  "huge-pages": "its pages are taken from a pool that may be empty when they are touched",
  unsealed: "it is not sealed against shrinking, so that its owner could end this process",
  "too-small": "it is smaller than announced",
};

/** Runs native code; what it throws comes out as an `AmphisError`, or as it was when it is a mistake of the caller. */
export function guard<T>(act: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw told(act, thrown);
  }
}

/** What `guard` throws for what native code threw, for the few calls that a function more would make slower. */
export function told(act: string, thrown: unknown): unknown {
  return isNativeFailure(thrown) ? failureOf(act, thrown) : thrown;
}

function isNativeFailure(thrown: unknown): thrown is NativeFailure {
  return thrown instanceof Error && "call" in thrown && "errno" in thrown;
}

function failureOf(act: string, { call, errno }: NativeFailure): Error {
  if (errno !== 0) {
    const name = getSystemErrorName(-errno);
    const message = `Cannot ${act}: ${call} failed with ${name}`;
    return new AmphisError("NATIVE_CALL_FAILED", message, { call, errno: name });
  }
  const refusal = REFUSALS[call];
  if (refusal !== undefined) {
    return new AmphisError("MEMORY_REFUSED", `Cannot ${act}: ${refusal}`, { reason: call });
  }
  if (call === "closed") {
    return new AmphisError("NATIVE_CLOSED", `Cannot ${act}: it is closed`, { object: act });
  }
  return new RangeError(`Cannot ${act}: the place is not inside the region`);
}

/** What the peer wrote into a ring cannot be. */
export function ringCorrupt(): AmphisError {
  const reason = "a position or length in the memory is impossible";
  return new AmphisError("RING_CORRUPT", `Cannot use ring: ${reason}`, { reason });
}

/** A record that does not fit, into the ring or out of it. */
export function recordTooLarge(actual: number, limit: number): AmphisError {
  const message = `Cannot move record: it has ${actual} bytes, and there is room for ${limit}`;
  return new AmphisError("RING_RECORD_TOO_LARGE", message, { actual, limit });
}
