import type { Place } from "./places.ts";
import { UnreadableText } from "./unreadable-text.ts";

/** Nobody nests a configuration deeper. */
const DEEPEST = 64;

const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/** Data, and where each part of it stands. */
export interface PlacedValue {
  readonly value: unknown;
  readonly place: Place;
}

/**
 * Reads JSON as `JSON.parse` does, and knows where everything stands, mistakes too. A key that stands twice is one.
 *
 * @throws {UnreadableText}
 */
export function readJson(text: string): PlacedValue {
  return new JsonText(text).whole();
}

class JsonText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PlacedValue {
    this.#skip();
    const read = this.#value(this.#at, 0);
    this.#skip();
    if (this.#at < this.#text.length) this.#fail("the end of the file");
    return read;
  }

  #value(key: number, depth: number): PlacedValue {
    const place: Place = { key, value: this.#at, parts: new Map() };
    if (depth > DEEPEST) this.#fail(`at most ${DEEPEST} levels`);
    const next = this.#text[this.#at];
    if (next === "{") return { value: this.#object(place.parts, depth), place };
    if (next === "[") return { value: this.#list(place.parts, depth), place };
    if (next === '"') return { value: this.#string("a value"), place };
    const [word] = /^[-+.\w]+/u.exec(this.#text.slice(this.#at, this.#at + 64)) ?? [""];
    const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/u.test(word);
    if (!isNumber && !Object.hasOwn(WORDS, word)) this.#fail("a value");
    this.#at += word.length;
    return { value: isNumber ? Number(word) : WORDS[word], place };
  }

  #object(parts: Map<string, Place>, depth: number): unknown {
    const entries: [string, unknown][] = [];
    this.#parts("}", () => {
      const key = this.#at;
      const name = this.#string("a name in double quotes");
      if (parts.has(name)) this.#fail(`${JSON.stringify(name)} once`, key);
      this.#skip();
      if (this.#text[this.#at] !== ":") this.#fail("a colon");
      this.#at += 1;
      this.#skip();
      const { value, place } = this.#value(key, depth + 1);
      parts.set(name, place);
      entries.push([name, value]);
    });
    return Object.fromEntries(entries);
  }

  #list(parts: Map<string, Place>, depth: number): unknown {
    const items: unknown[] = [];
    this.#parts("]", () => {
      const { value, place } = this.#value(this.#at, depth + 1);
      parts.set(String(items.length), place);
      items.push(value);
    });
    return items;
  }

  /** What stands between brackets, with commas between. */
  #parts(end: string, read: () => void): void {
    this.#at += 1;
    this.#skip();
    for (let isFirst = true; this.#text[this.#at] !== end; isFirst = false) {
      if (!isFirst) {
        if (this.#text[this.#at] !== ",") this.#fail(`a comma or ${end}`);
        this.#at += 1;
        this.#skip();
      }
      read();
      this.#skip();
    }
    this.#at += 1;
  }

  #string(expected: string): string {
    if (this.#text[this.#at] !== '"') this.#fail(expected);
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"' && this.#text[end] !== "\n") {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    if (this.#text[end] !== '"') this.#fail("a text that ends with a double quote");
    const quoted = this.#text.slice(this.#at, end + 1);
    try {
      const value = JSON.parse(quoted) as string;
      this.#at = end + 1;
      return value;
    } catch {
      return this.#fail("a text whose control characters and backslashes are escaped");
    }
  }

  #skip(): void {
    while (/[ \t\r\n]/u.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #fail(expected: string, offset: number = this.#at): never {
    const character = this.#text[offset];
    // Only structure is told: a text may be a secret.
    const found = character === undefined ? "the end of the file" : JSON.stringify(character);
    throw new UnreadableText(expected, found, offset);
  }
}
