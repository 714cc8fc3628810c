import { Float } from "../../value/index.ts";

/** Whether a value is the constant of a schema: numbers by value, lists and maps by content. */
export function equalsConstant(value: unknown, constant: unknown): boolean {
  if (typeof constant !== "object" || constant === null) return equalsScalar(value, constant);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(constant)) {
    return (
      Array.isArray(value) &&
      value.length === constant.length &&
      constant.every((item, index) => equalsConstant(value[index], item))
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const names = Object.keys(value);
  return (
    names.length === Object.keys(constant).length &&
    names.every(
      (name) =>
        Object.hasOwn(constant, name) &&
        equalsConstant(property(value, name), property(constant, name)),
    )
  );
}

function property(record: object, name: string): unknown {
  return (record as Readonly<Record<string, unknown>>)[name];
}

function equalsScalar(value: unknown, constant: unknown): boolean {
  if (value === constant) return true;
  if (value === undefined) return constant === null;
  if (value instanceof Float) return value.value === constant;
  if (typeof value === "bigint" || typeof constant === "bigint") {
    return isNumeric(value) && isNumeric(constant) && String(value) === String(constant);
  }
  return false;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** A constant as a value of its own, so that its receiver may change it. */
export function copyConstant(constant: unknown): unknown {
  return typeof constant === "object" && constant !== null ? structuredCopy(constant) : constant;
}

function structuredCopy(constant: object): unknown {
  if (Array.isArray(constant)) return constant.map(copyConstant);
  return Object.fromEntries(
    Object.entries(constant).map(([name, value]) => [name, copyConstant(value)]),
  );
}
