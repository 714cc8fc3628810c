import { AmphisError } from "@amphis/protocol";

/** An object that was parsed here and nobody else has: what is read of it is put in its place. */
export type Dict = Record<string, unknown>;

/** Judges values that a file or a process gave, and says of which part of a model it complains. */
export class Judge {
  /** The path of what is being looked at. */
  at: string;

  constructor(at: string) {
    this.at = at;
  }

  /** @throws {AmphisError} LIBRARY_MODEL_INVALID, always */
  refuse(field: string, expected: string): never {
    const at = this.at.slice(0, 400);
    throw new AmphisError(
      "LIBRARY_MODEL_INVALID",
      `Cannot read description of ${at}: ${field} must be ${expected}; discover the library again`,
      { at, expected: `${field}: ${expected}` },
    );
  }

  dict(value: unknown, field: string): Dict {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.refuse(field, "an object");
    }
    return value as Dict;
  }

  list(value: unknown, field: string): unknown[] {
    if (!Array.isArray(value)) this.refuse(field, "a list");
    return value as unknown[];
  }

  text(value: unknown, field: string): void {
    if (typeof value !== "string") this.refuse(field, "text");
  }

  optionalText(value: unknown, field: string): void {
    if (value !== undefined) this.text(value, field);
  }

  flag(value: unknown, field: string): void {
    if (typeof value !== "boolean") this.refuse(field, "true or false");
  }

  oneOf(value: unknown, known: ReadonlySet<unknown>, field: string): void {
    if (!known.has(value)) this.refuse(field, `one of ${[...known].join(", ")}`);
  }
}
