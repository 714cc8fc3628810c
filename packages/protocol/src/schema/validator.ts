import type { Static, TSchema } from "typebox";

import { AmphisError, type ValidationFailure } from "../error/index.ts";
import { canGenerate } from "../codec/index.ts";
import { compileDocument } from "./compile.ts";
import { type Check, generateCheck } from "./generate.ts";
import { TooDeep } from "./identity.ts";
import { isSchemaMap, keyword } from "./keywords.ts";
import type { Node } from "./rule.ts";

/** How many levels of a value are followed. */
const MAX_DEPTH = 128;

export interface ValidatorOptions {
  /** What errors call the schema. By default its `$id` or `title`, else `schema`. */
  readonly name?: string;
}

/**
 * Checks values against one schema, made by {@link compileSchema}.
 *
 * Every method throws DEPTH_EXCEEDED for a value that goes deeper than 128 levels.
 */
export interface Validator<T> {
  check(value: unknown): value is T;
  /** Every failure, in the order of the schema; none when the value satisfies it. */
  failures(value: unknown): ValidationFailure[];
  /**
   * Returns the value itself if it satisfies the schema.
   *
   * @throws {AmphisError} VALIDATION_FAILED with every failure
   */
  validate(value: unknown): T;
}

class SchemaValidator<T> implements Validator<T> {
  readonly #node: Node;
  readonly #check: Check;
  readonly #name: string;

  constructor(schema: unknown, name: string, generate: boolean) {
    const { document, nodes } = compileDocument(schema);
    const root = nodes.get("");
    if (root === undefined) throw new TypeError("Cannot compile schema: it has no root");
    this.#node = root;
    this.#name = name;
    this.#check = generate
      ? generateCheck(document, nodes)
      : (value, room) => root.check(value, room);
  }

  check(value: unknown): value is T {
    try {
      return this.#check(value, MAX_DEPTH);
    } catch (error) {
      throw explained(error);
    }
  }

  failures(value: unknown): ValidationFailure[] {
    const found: ValidationFailure[] = [];
    try {
      this.#node.fail(value, "$", MAX_DEPTH, found);
    } catch (error) {
      throw explained(error);
    }
    return [...new Map(found.map((one) => [one.message, one])).values()];
  }

  validate(value: unknown): T {
    if (this.check(value)) return value;
    const failures = this.failures(value);
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
    const message = `Cannot accept value of ${this.#name}: ${failures[0]?.message ?? "it changed while it was checked"}${more}`;
    throw new AmphisError("VALIDATION_FAILED", message, { schema: this.#name, failures });
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof TooDeep)) return error;
  return new AmphisError(
    "DEPTH_EXCEEDED",
    `Cannot validate value: it is nested deeper than ${MAX_DEPTH} levels`,
    { limit: MAX_DEPTH },
  );
}

const compiled = new WeakMap<object, Map<string, Validator<unknown>>>();

/**
 * Compiles a schema, once for each schema object: asking again is a look-up. Do not change the schema afterwards.
 *
 * Where generating code is forbidden the checks walk the schema instead, with the same results.
 *
 * @throws {AmphisError} SCHEMA_INVALID with the JSON pointer of what is wrong
 */
export function compileSchema<const S extends TSchema>(
  schema: S,
  options: ValidatorOptions = {},
): Validator<Static<S>> {
  return compileAny<Static<S>>(schema, options);
}

function compileAny<T>(schema: unknown, options: ValidatorOptions): Validator<T> {
  const name = options.name ?? ownName(schema);
  if (typeof schema !== "object" || schema === null) {
    return new SchemaValidator<T>(schema, name, canGenerate());
  }
  const byName = compiled.get(schema) ?? new Map<string, Validator<unknown>>();
  const validator = byName.get(name) ?? new SchemaValidator<unknown>(schema, name, canGenerate());
  compiled.set(schema, byName.set(name, validator));
  return validator as Validator<T>;
}

/** A validator that walks the schema even where code could be generated. */
export function interpretSchema(schema: unknown): Validator<unknown> {
  return new SchemaValidator(schema, ownName(schema), false);
}

function ownName(schema: unknown): string {
  if (!isSchemaMap(schema)) return "schema";
  const names = [keyword(schema, "$id"), keyword(schema, "title")];
  return names.find((name): name is string => typeof name === "string" && name !== "") ?? "schema";
}
