import { pointerStep, schemaInvalid } from "./invalid.ts";
import { isSchemaMap, TYPE_TEXTS, UNSUPPORTED } from "./keywords.ts";
import { KINDS } from "./kinds.ts";

type Check = (value: unknown, pointer: string) => void;

/**
 * Checks that a keyword has a value of the right kind.
 *
 * @throws {AmphisError} SCHEMA_INVALID
 */
export function checkKeyword(name: string, value: unknown, pointer: string): void {
  if (UNSUPPORTED.has(name)) throw schemaInvalid(pointer, `${name} is not supported`);
  if (Object.hasOwn(CHECKS, name)) CHECKS[name]?.(value, pointer);
}

/** The expression that a pattern is; the same in every language that follows ECMAScript with the `u` flag. */
export function compilePattern(source: string): RegExp {
  return new RegExp(source, "u");
}

function demand(reason: string, accepts: (value: unknown) => boolean): Check {
  return (value, pointer) => {
    if (!accepts(value)) throw schemaInvalid(pointer, reason);
  };
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isFiniteNumber(value: unknown): boolean {
  return Number.isFinite(value) || typeof value === "bigint";
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isSchema(value: unknown): boolean {
  return typeof value === "boolean" || isSchemaMap(value);
}

function checkType(value: unknown, pointer: string): void {
  if (!Array.isArray(value)) return checkTypeName(value, pointer);
  if (value.length === 0) throw schemaInvalid(pointer, "a list of types names at least one");
  for (const [index, name] of value.entries()) checkTypeName(name, `${pointer}/${index}`);
}

const checkTypeName: Check = demand(
  "the type is not known",
  (name) => typeof name === "string" && Object.hasOwn(TYPE_TEXTS, name),
);
const checkMap: Check = demand("it must be a map with string keys", isSchemaMap);
const checkList: Check = demand("it must be a list", Array.isArray);
const checkFilledList: Check = demand("it must be a list of at least one", isFilledList);
const checkSchema: Check = demand("a schema is a map or a bool", isSchema);
const checkCount: Check = demand("it must be an integer >= 0", isCount);
const checkNumber: Check = demand("it must be a number", isFiniteNumber);
const checkName: Check = demand("a name is a string", (value) => typeof value === "string");

function checkRequired(value: unknown, pointer: string): void {
  checkList(value, pointer);
  for (const [index, name] of (value as readonly unknown[]).entries()) {
    checkName(name, `${pointer}/${index}`);
  }
}

function checkPattern(value: unknown, pointer: string): void {
  if (typeof value !== "string") throw schemaInvalid(pointer, "a pattern is a string");
  try {
    compilePattern(value);
  } catch (error) {
    throw schemaInvalid(
      pointer,
      `the pattern does not compile: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function checkPatterns(value: unknown, pointer: string): void {
  checkMap(value, pointer);
  for (const source of Object.keys(value as object)) {
    checkPattern(source, pointer + pointerStep(source));
  }
}

const CHECKS: Readonly<Record<string, Check>> = {
  type: checkType,
  "x-amphis": demand(
    "the kind is not known",
    (kind) => typeof kind === "string" && Object.hasOwn(KINDS, kind),
  ),
  enum: checkFilledList,
  allOf: checkFilledList,
  anyOf: checkFilledList,
  oneOf: checkFilledList,
  properties: checkMap,
  $defs: checkMap,
  patternProperties: checkPatterns,
  required: checkRequired,
  prefixItems: checkList,
  items: (value, pointer) => (Array.isArray(value) ? undefined : checkSchema(value, pointer)),
  not: checkSchema,
  additionalItems: checkSchema,
  additionalProperties: checkSchema,
  keys: checkSchema,
  values: checkSchema,
  minItems: checkCount,
  maxItems: checkCount,
  minLength: checkCount,
  maxLength: checkCount,
  minProperties: checkCount,
  maxProperties: checkCount,
  minimum: checkNumber,
  maximum: checkNumber,
  exclusiveMinimum: checkNumber,
  exclusiveMaximum: checkNumber,
  multipleOf: demand(
    "it must be a number > 0",
    (value) => isFiniteNumber(value) && (value as number | bigint) > 0,
  ),
  uniqueItems: demand("it must be a bool", (value) => typeof value === "boolean"),
  pattern: checkPattern,
  $ref: demand(
    "a reference is # or begins with #/",
    (value) => typeof value === "string" && (value === "#" || value.startsWith("#/")),
  ),
};
