import { isDeepStrictEqual } from "node:util";

import { AmphisError } from "@amphis/protocol";

/** What calls Python. */
export interface CallsPython {
  call<T>(name: string, args?: readonly unknown[]): Promise<T>;
}

/** What {@link checkSerializer} takes. */
export interface CheckSerializerOptions<T> {
  /** Values of the type, in TypeScript. */
  readonly values: readonly T[];
  /** What they are to be in Python: `shapely.geometry.point:Point`. @default anything */
  readonly type?: string | undefined;
  /** Whether a value that came back is the one that was sent. @default that of `node:util` for all that they hold, prototypes included */
  readonly isEqual?: ((sent: T, came: T) => boolean) | undefined;
  /** How often each value goes to and fro to see what it takes. @default 20 */
  readonly rounds?: number | undefined;
}

/** What was found out about a serializer. */
export interface SerializerReport {
  readonly values: number;
  /** What the values are in Python, each once. */
  readonly types: readonly string[];
  /** Of one value to Python and back, in the middle; the call itself included. */
  readonly roundTripUs: number;
}

const TYPED = "amphis._internal.worker.typed";

/**
 * Checks a serializer, for tests: that values come back from Python as they were, and are there what they should be.
 *
 * @throws {AmphisError} SERIALIZER_FAILED naming the first value that does not, and what a conversion fails with
 */
export async function checkSerializer<T>(
  py: CallsPython,
  name: string,
  { values, type, isEqual = isDeepStrictEqual, rounds = 20 }: CheckSerializerOptions<T>,
): Promise<SerializerReport> {
  const types = new Set<string>();
  const took: number[] = [];
  for (const [index, value] of values.entries()) {
    const there = await py.call<string>(`${TYPED}:name_of_type`, [value]);
    if (type !== undefined && there !== type) {
      throw failed(name, `value ${index} is ${there} in Python, and not ${type}`);
    }
    types.add(there);
    for (let round = 0; round < Math.max(1, rounds); round += 1) {
      const since = performance.now();
      const came = await py.call<T>(`${TYPED}:same`, [value]);
      took.push(performance.now() - since);
      if (!isEqual(value, came)) throw failed(name, `value ${index} comes back as something else`);
    }
  }
  took.sort((one, other) => one - other);
  const roundTripUs = (took[took.length >> 1] ?? 0) * 1_000;
  return { values: values.length, types: [...types], roundTripUs };
}

function failed(serializer: string, reason: string): AmphisError<"SERIALIZER_FAILED"> {
  const message = `Cannot rely on serializer ${serializer}: ${reason}`;
  return new AmphisError("SERIALIZER_FAILED", message, { serializer, step: "check", reason });
}
