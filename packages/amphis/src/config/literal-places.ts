import { mask } from "./mask.ts";
import type { Place } from "./places.ts";

/** Nobody nests a configuration deeper. */
const DEEPEST = 64;

const START =
  /\bdefineConfig\s*(?:<[^>]*>)?\s*\(|\bexport\s+default\b|\bmodule\s*\.\s*exports\s*=(?!=)/gu;

/**
 * Where the options stand in a module: in the object that is given to `defineConfig`, or exported, itself or by name.
 *
 * @returns undefined where there is no such object
 */
export function scriptPlaces(text: string): Place | undefined {
  const masked = mask(text);
  for (const { 0: found, index } of masked.matchAll(START)) {
    const start = objectAt(masked, index + found.length);
    if (start !== undefined) return new Literal(text, masked).read(start);
  }
  return undefined;
}

/** The object that begins here, or is named here. */
function objectAt(masked: string, from: number): number | undefined {
  const [space = ""] = /^[\s(]*/u.exec(masked.slice(from)) ?? [];
  const at = from + space.length;
  if (masked[at] === "{") return at;
  const [name] = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(masked.slice(at)) ?? [];
  if (name === undefined || name === "defineConfig") return undefined;
  const declared = new RegExp(
    `\\b(?:const|let|var)\\s+${name.replaceAll("$", "\\$")}\\b[^=;]*=\\s*`,
    "u",
  );
  const declaration = declared.exec(masked);
  if (declaration === null) return undefined;
  const start = declaration.index + declaration[0].length;
  return masked[start] === "{" ? start : undefined;
}

/** Goes through a literal. What it does not understand is passed over: computed keys, spread objects, calls. */
class Literal {
  readonly #text: string;
  readonly #masked: string;
  #at = 0;

  constructor(text: string, masked: string) {
    this.#text = text;
    this.#masked = masked;
  }

  read(start: number): Place {
    this.#at = start;
    return this.#value(start, 0);
  }

  #value(key: number, depth: number): Place {
    this.#skip();
    const place: Place = { key, value: this.#at, parts: new Map() };
    const opening = this.#masked[this.#at];
    if (depth < DEEPEST && opening === "{") this.#object(place.parts, depth);
    else if (depth < DEEPEST && opening === "[") this.#list(place.parts, depth);
    // Whatever else belongs to the value: `as const`, or all of it.
    this.#pass();
    return place;
  }

  #object(parts: Map<string, Place>, depth: number): void {
    this.#at += 1;
    while (this.#more("}")) {
      const key = this.#at;
      const name = this.#key();
      this.#skip();
      const isPlain = this.#masked[this.#at] === ":";
      if (isPlain) this.#at += 1;
      if (name === undefined) this.#pass();
      else if (isPlain) parts.set(name, this.#value(key, depth + 1));
      else {
        // A method, or a variable of the same name.
        parts.set(name, { key, value: key, parts: new Map() });
        this.#pass();
      }
    }
  }

  #list(parts: Map<string, Place>, depth: number): void {
    this.#at += 1;
    for (let index = 0; this.#more("]"); index += 1) {
      parts.set(String(index), this.#value(this.#at, depth + 1));
    }
  }

  /** Whether a part comes before the end, which is passed. */
  #more(end: string): boolean {
    this.#skip();
    if (this.#masked[this.#at] === ",") {
      this.#at += 1;
      this.#skip();
    }
    const next = this.#masked[this.#at];
    if (next === end) this.#at += 1;
    // Another bracket ends it too, where the text is broken.
    return next !== undefined && !")]}".includes(next);
  }

  #key(): string | undefined {
    const quote = this.#masked[this.#at];
    if (quote === '"' || quote === "'") {
      const end = this.#masked.indexOf(quote, this.#at + 1);
      const quoted = this.#text.slice(this.#at + 1, end);
      this.#at = end === -1 ? this.#masked.length : end + 1;
      return unescaped(quoted);
    }
    const [word] =
      /^(?:async\s+)?[\p{L}\p{N}_$]+/u.exec(this.#masked.slice(this.#at, this.#at + 256)) ?? [];
    if (word === undefined) return undefined;
    this.#at += word.length;
    return word.replace(/^async\s+/u, "");
  }

  /** Passes everything up to the comma or bracket that ends this part. */
  #pass(): void {
    let depth = 0;
    for (; this.#at < this.#masked.length; this.#at += 1) {
      const character = this.#masked[this.#at] ?? "";
      if ("([{".includes(character)) depth += 1;
      else if (")]}".includes(character)) {
        if (depth === 0) return;
        depth -= 1;
      } else if (character === "," && depth === 0) return;
    }
  }

  #skip(): void {
    while (/\s/u.test(this.#masked[this.#at] ?? "")) this.#at += 1;
  }
}

function unescaped(quoted: string): string {
  if (!quoted.includes("\\")) return quoted;
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}
