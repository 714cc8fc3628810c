/** Markup that was made here. Whatever is put into it is escaped, unless it is markup itself. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What stands between pieces of markup; nothing where it is undefined. */
export type Part = Html | string | number | undefined | readonly Part[];

/** Markup of a template: markup`<p>${text}</p>`. Text is escaped, for elements and for attributes in quotes. */
export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = pieces[0] ?? "";
  for (const [at, part] of parts.entries()) text += textOf(part) + (pieces[at + 1] ?? "");
  return new Html(text);
}

/** Pieces of markup, one behind the other. */
export function joined(parts: readonly Part[], between: Part = ""): Html {
  return new Html(parts.map(textOf).join(textOf(between)));
}

function textOf(part: Part): string {
  if (typeof part === "string") return escaped(part);
  if (part instanceof Html) return part.toString();
  if (part === undefined) return "";
  if (typeof part === "number") return String(part);
  return part.map(textOf).join("");
}

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What markup is made of, control characters, marks that turn the direction of text around, halves of characters. */
const UNSAFE = /[&<>"'\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\p{Cs}]/gu;

function escaped(text: string): string {
  return text.replace(UNSAFE, (char) => MARKUP[char] ?? "\uFFFD");
}

/** An address of the web, as links may have it; nothing for every other scheme, and for what is no address. */
export function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//iu.test(text) || !URL.canParse(text)) return undefined;
  const { href, username, password } = new URL(text);
  return username === "" && password === "" ? href : undefined;
}
