import { matcherOf } from "../pattern.ts";

const HIDDEN = "***";
const MAX_DEPTH = 4;
const MAX_ITEMS = 16;
const MAX_TEXT = 200;

/** Values made short for people, and without what is secret. Reads nothing but plain data. */
export class Redaction {
  readonly #isSecret: (name: string) => boolean;

  /** @param names of what is not told, in any case of letters; `*` stands for anything */
  constructor(names: readonly string[]) {
    const isMeant = matcherOf(names.map((name) => name.toLowerCase()));
    this.#isSecret = (name) => isMeant(name.toLowerCase());
  }

  of(value: unknown, depth = 0): unknown {
    if (typeof value === "string") {
      return value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT)}…`;
    }
    if (typeof value === "function") return "[Python]";
    if (typeof value === "symbol") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name}, ${value.byteLength} bytes]`;
    if (depth >= MAX_DEPTH) return "…";
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof Map) return this.#entries([...value].slice(0, MAX_ITEMS), depth);
    if (value instanceof Set) return this.#list([...value], depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return `[${nameOf(value)}]`;
    return this.#entries(Object.entries(value).slice(0, MAX_ITEMS), depth);
  }

  #list(values: readonly unknown[], depth: number): unknown[] {
    const shown = values.slice(0, MAX_ITEMS).map((each) => this.of(each, depth + 1));
    if (values.length > MAX_ITEMS) shown.push(`+${values.length - MAX_ITEMS}`);
    return shown;
  }

  #entries(entries: readonly (readonly [unknown, unknown])[], depth: number): object {
    return Object.fromEntries(
      entries.map(([key, value]) => {
        const name = String(key);
        return [name, this.#isSecret(name) ? HIDDEN : this.of(value, depth + 1)];
      }),
    );
  }
}

function nameOf({ constructor }: object): string {
  return typeof constructor === "function" ? constructor.name : "object";
}
