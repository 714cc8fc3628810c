import { resolve } from "node:path";

import { nearNames } from "@amphis/protocol";

import { isInRange } from "../pool/index.ts";
import type { ConfigPath } from "./config-path.ts";
import { formatPath } from "./config-path.ts";
import { expectedText, foundText } from "./describe-shape.ts";
import { isPlainObject } from "./plain-object.ts";
import type {
  AnyShape,
  ListShape,
  NumberShape,
  ObjectShape,
  RecordShape,
  TextShape,
  UnionShape,
} from "./shape.ts";

/** Something that a value is not as its shape wants it. */
export interface Mismatch {
  readonly path: ConfigPath;
  /** Whether it is about the name or about what stands behind it. */
  readonly at: "key" | "value";
  readonly expected: string;
  readonly found: string;
  readonly suggestion?: string | undefined;
  readonly message: string;
}

/** Nobody reads more, and a file that is all wrong would take long to tell. */
export const MOST_MISMATCHES = 100;

/**
 * Checks data that anybody may have written, and notes everything that is wrong with it.
 *
 * It reads the data once, and gives a copy: what was judged is what is used.
 */
export class Check {
  /** At most {@link MOST_MISMATCHES}. */
  readonly mismatches: Mismatch[] = [];
  readonly #folder: string;

  /** @param folder where relative paths start */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns the copy; without what is wrong in it */
  read(value: unknown, shape: AnyShape, path: ConfigPath): unknown {
    switch (shape.kind) {
      case "text":
        return this.#text(value, shape, path);
      case "number":
        return this.#number(value, shape, path);
      case "flag":
        return typeof value === "boolean" ? value : this.wrong(value, shape, path);
      case "choice": {
        const isChoice = typeof value === "string" && shape.values.includes(value);
        return isChoice ? value : this.wrong(value, shape, path);
      }
      case "code":
        return typeof value === "function" ? value : this.wrong(value, shape, path);
      case "list":
        return this.#list(value, shape, path);
      case "record":
        return this.#record(value, shape, path);
      case "object":
        return this.#object(value, shape, path);
      case "union":
        return this.#union(value, shape, path);
    }
  }

  /** Notes that something else should stand there. */
  wrong(value: unknown, shape: AnyShape, path: ConfigPath): undefined {
    if (this.#isFull) return undefined;
    const expected = expectedText(shape);
    const found = foundText(value, shape.secret === true);
    const suggestion = shape.secret === true ? undefined : meant(value, shape);
    const hint = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
    const subject = path.length === 0 ? "the configuration" : formatPath(path);
    const message = `${subject}: expected ${expected}; found ${found}${hint}`;
    this.mismatches.push({ path, at: "value", expected, found, suggestion, message });
    return undefined;
  }

  /** Notes an option that there is not. */
  unknown(path: ConfigPath, known: readonly string[]): void {
    if (this.#isFull) return;
    const name = String(path.at(-1));
    const [suggestion] = nearNames(name, known);
    const expected = known.length === 0 ? "nothing" : `one of ${known.join(", ")}`;
    const others = known.length === 0 ? "nothing is below it" : `known are ${known.join(", ")}`;
    const hint = suggestion === undefined ? others : `did you mean ${suggestion}?`;
    const message = `${formatPath(path)}: there is no such option; ${hint}`;
    this.mismatches.push({ path, at: "key", expected, found: name, suggestion, message });
  }

  get #isFull(): boolean {
    return this.mismatches.length >= MOST_MISMATCHES;
  }

  #text(value: unknown, shape: TextShape, path: ConfigPath): string | undefined {
    if (typeof value !== "string" || !isText(value, shape)) return this.wrong(value, shape, path);
    if (shape.path === "path") return resolve(this.#folder, value);
    const isPath = shape.path === "command" && /[/\\]/u.test(value);
    return isPath ? resolve(this.#folder, value) : value;
  }

  #number(value: unknown, shape: NumberShape, path: ConfigPath): number | undefined {
    const isNumber = typeof value === "number" && isInRange(value, shape);
    return isNumber ? value : this.wrong(value, shape, path);
  }

  #list(value: unknown, shape: ListShape, path: ConfigPath): unknown {
    if (!Array.isArray(value) || value.length < (shape.least ?? 0)) {
      return this.wrong(value, shape, path);
    }
    const items: readonly unknown[] = Array.from(value);
    return items.map((item, index) => this.read(item, shape.item, [...path, index]));
  }

  #record(value: unknown, shape: RecordShape, path: ConfigPath): unknown {
    const { key, item } = shape;
    if (!isPlainObject(value)) return this.wrong(value, shape, path);
    return copyOf(value, (name, part) => {
      const place = [...path, name];
      if (isText(name, key)) return this.read(part, item, place);
      if (this.#isFull) return undefined;
      const expected = expectedText(key);
      const found = JSON.stringify(name);
      const message = `${formatPath(place)}: expected ${expected} as the key; found ${found}`;
      this.mismatches.push({ path: place, at: "key", expected, found, message });
      return undefined;
    });
  }

  #object(value: unknown, shape: ObjectShape, path: ConfigPath): unknown {
    if (!isPlainObject(value)) return this.wrong(value, shape, path);
    return copyOf(value, (name, part) => {
      const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (field !== undefined) return this.read(part, field, [...path, name]);
      this.unknown([...path, name], Object.keys(shape.fields));
      return undefined;
    });
  }

  /** Where one of them is of the right kind, what is wrong within it is told; else what they all are. */
  #union(value: unknown, shape: UnionShape, path: ConfigPath): unknown {
    const option = shape.options.find((each) => isOfKind(value, each));
    return option === undefined ? this.wrong(value, shape, path) : this.read(value, option, path);
  }
}

/** What is undefined was not given, and what is read as undefined is left out. */
function copyOf(
  value: Readonly<Record<string, unknown>>,
  read: (name: string, part: unknown) => unknown,
): Record<string, unknown> {
  const copied = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => [name, read(name, part)] as const);
  return Object.fromEntries(copied.filter(([, part]) => part !== undefined));
}

function isText(value: string, { pattern, path }: TextShape): boolean {
  if (path !== undefined && value.includes("\0")) return false;
  return pattern === undefined ? value !== "" : pattern.test(value);
}

function isOfKind(value: unknown, shape: AnyShape): boolean {
  switch (shape.kind) {
    case "text":
    case "choice":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "flag":
      return typeof value === "boolean";
    case "code":
      return typeof value === "function";
    case "list":
      return Array.isArray(value);
    case "record":
    case "object":
      return isPlainObject(value);
    case "union":
      return shape.options.some((option) => isOfKind(value, option));
  }
}

/** What somebody may have meant who wrote something else. */
function meant(value: unknown, shape: AnyShape): string | undefined {
  if (typeof value === "string") {
    if (shape.kind === "choice") {
      const [near] = nearNames(value, shape.values);
      return near === undefined ? undefined : JSON.stringify(near);
    }
    const isNumber =
      shape.kind === "number" && value.trim() !== "" && isInRange(Number(value), shape);
    if (isNumber) return String(Number(value));
    if (shape.kind === "flag" && /^(?:true|false)$/iu.test(value)) return value.toLowerCase();
    if (shape.kind === "list") return `[${JSON.stringify(value)}]`;
  }
  if (typeof value === "number" && shape.kind === "text") return JSON.stringify(String(value));
  return undefined;
}
