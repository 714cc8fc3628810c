import type { Static, TSchema } from "typebox";

const MAX_VERSION = 0xffff_ffff;
const MAX_NAME_LENGTH = 1_024;

/** The contract of a payload: a schema under a name and a version. `T` is the type of the payload. */
export interface SchemaDefinition<T = unknown> {
  readonly name: string;
  /** Counts from 1; each version reads what the one before wrote. */
  readonly version: number;
  readonly schema: object | boolean;
  /** Carries the type; never there. */
  readonly "~payload"?: T;
}

/**
 * Names a schema, so that messages can refer to it.
 *
 * @throws {RangeError} for an empty or overlong name or a version that is no integer from 1 to 2^32-1
 */
export function defineSchema<const S extends TSchema>(
  name: string,
  version: number,
  schema: S,
): SchemaDefinition<Static<S>> {
  if (name === "" || name.length > MAX_NAME_LENGTH) {
    throw new RangeError(
      `Cannot define schema: its name must have 1 to ${MAX_NAME_LENGTH} characters, got ${name.length}`,
    );
  }
  if (!Number.isInteger(version) || version < 1 || version > MAX_VERSION) {
    throw new RangeError(
      `Cannot define schema ${JSON.stringify(name)}: its version must be an integer from 1 to ${MAX_VERSION}, got ${version}`,
    );
  }
  return Object.freeze({ name, version, schema });
}
