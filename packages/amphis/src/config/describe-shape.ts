import { rangeText } from "../pool/index.ts";
import type { AnyShape, ListShape } from "./shape.ts";

/** What a shape asks for, in words. */
export function expectedText(shape: AnyShape): string {
  switch (shape.kind) {
    case "text":
      return shape.what ?? "a text";
    case "number":
      return rangeText(shape);
    case "flag":
      return "true or false";
    case "choice":
      return `one of ${shape.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "code":
      return "a function";
    case "list":
      return `a list, each ${expectedText(shape.item)}${leastText(shape)}`;
    case "record":
      return `an object by ${shape.key.what ?? "name"}`;
    case "object":
      return `an object with ${Object.keys(shape.fields).join(", ")}`;
    case "union":
      return [...new Set(shape.options.map(expectedText))].join("; or ");
  }
}

function leastText({ least = 0 }: ListShape): string {
  return least === 0 ? "" : `, ${least} at least`;
}

/** Longest text that is quoted. */
const LONGEST = 60;

/** What is there, in words. */
export function foundText(value: unknown, isSecret: boolean): string {
  if (isSecret) return `a ${value === null ? "null" : typeof value} that is not shown`;
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (!Array.isArray(value)) return objectText(value);
      return value.length === 0 ? "an empty list" : "a list";
    default:
      return `a ${typeof value}`;
  }
}

function objectText(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return "an object";
  const name: unknown = (prototype as { readonly constructor?: { readonly name?: unknown } })
    .constructor?.name;
  return name === "Object" || typeof name !== "string" ? "an object" : `an object of ${name}`;
}
