import { refuse } from "./syntax.ts";

export interface Token {
  readonly kind: "name" | "number" | "string" | "operator" | "end";
  /** Of a string its value. */
  readonly text: string;
}

const SPACE = /(?:[ \t\n]|\\\n|#[^\n]*)+/uy;
const NAME = /[A-Za-z_]\w*/uy;
const NUMBER =
  /(?:0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d[\d_]*\.?(?:\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\w.])/uy;
const STRING = /([rRuU]?)("""|'''|"|')/uy;
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|\.\.\.|[-+*/%@()[\]{},:.=<>&|^]/uy;
const DEEPEST_NUMBER = 400;

/** @throws {NoTranslation} for what Python writes in another way than is known here */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SPACE);
    if (at >= source.length) return [...found, { kind: "end", text: "" }];
    const start = at;
    const quote = take(STRING);
    if (quote !== null) {
      const { value, end } = stringAt(source, at, quote[2] ?? "", /[rR]/u.test(quote[1] ?? ""));
      at = end;
      found.push({ kind: "string", text: value });
      continue;
    }
    const [text = ""] = take(NAME) ?? take(NUMBER) ?? take(OPERATOR) ?? refuse();
    const char = source[start] ?? "";
    const isNumber = /\d/u.test(char) || (char === "." && /\d/u.test(text));
    if (isNumber && text.length > DEEPEST_NUMBER) refuse();
    const kind = /[A-Za-z_]/u.test(char) ? "name" : isNumber ? "number" : "operator";
    // Another kind of string: bytes, or with expressions in it.
    if (kind === "name" && /["']/u.test(source[at] ?? "")) refuse();
    found.push({ kind, text });
  }
}

function stringAt(
  source: string,
  from: number,
  quote: string,
  isRaw: boolean,
): { readonly value: string; readonly end: number } {
  let value = "";
  for (let at = from; at < source.length;) {
    if (source.startsWith(quote, at)) return { value, end: at + quote.length };
    const char = source[at] ?? "";
    if (char === "\n" && quote.length === 1) refuse();
    if (char !== "\\") {
      value += char;
      at += 1;
    } else if (isRaw) {
      value += source.slice(at, at + 2);
      at += 2;
    } else {
      const { text, length } = escapeAt(source, at);
      value += text;
      at += length;
    }
  }
  return refuse();
}

const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
};
const CODE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4}))/uy;

function escapeAt(source: string, at: number): { readonly text: string; readonly length: number } {
  const next = source[at + 1] ?? "";
  if (Object.hasOwn(SIMPLE, next)) return { text: SIMPLE[next] ?? "", length: 2 };
  CODE.lastIndex = at;
  const [all = "", byte, unit] = CODE.exec(source) ?? refuse();
  return { text: String.fromCharCode(Number.parseInt(byte ?? unit ?? "", 16)), length: all.length };
}
