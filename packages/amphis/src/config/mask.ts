/** Before a slash, these say that a regular expression begins. */
const BEFORE_REGEX = /(?:^|[([{,;:=!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of))$/u;

/**
 * The same text, with stars for what stands in quotes and blanks for comments, so that what is left is structure.
 *
 * It knows enough of TypeScript to find its way through a configuration.
 */
export function mask(text: string): string {
  const masked = text.split("");
  let at = 0;
  /** The last part of structure that was seen, to tell a division from a regular expression. */
  let before = "";
  const blank = (from: number, to: number, filling: string): void => {
    for (let index = from; index < to; index += 1) {
      if (masked[index] !== "\n") masked[index] = filling;
    }
  };
  while (at < text.length) {
    const character = text[at] ?? "";
    const end = endOfHidden(text, at, before);
    if (end === undefined) {
      if (!/\s/u.test(character)) before = (before + character).slice(-8);
      at += 1;
    } else if (character === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      blank(at, end, " ");
      at = end;
    } else {
      blank(at + 1, end - 1, "*");
      before = character;
      at = end;
    }
  }
  return masked.join("");
}

/** Where the comment, text or regular expression ends that begins here; undefined when none does. */
function endOfHidden(text: string, at: number, before: string): number | undefined {
  const character = text[at];
  if (character === '"' || character === "'") return endOfQuoted(text, at);
  if (character === "`") return endOfTemplate(text, at);
  if (character !== "/") return undefined;
  if (text[at + 1] === "/") return endOr(text, text.indexOf("\n", at), 0);
  if (text[at + 1] === "*") return endOr(text, text.indexOf("*/", at + 2), 2);
  return BEFORE_REGEX.test(before) ? endOfRegex(text, at) : undefined;
}

function endOr(text: string, found: number, length: number): number {
  return found === -1 ? text.length : found + length;
}

function endOfQuoted(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === text[at]) return index + 1;
    else if (text[index] === "\n") return index;
  }
  return text.length;
}

/** What a template holds is hidden with it. */
function endOfTemplate(text: string, at: number): number {
  let depth = 0;
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text.startsWith("${", index)) depth += 1;
    else if (text[index] === "}" && depth > 0) depth -= 1;
    else if (text[index] === "`" && depth === 0) return index + 1;
  }
  return text.length;
}

function endOfRegex(text: string, at: number): number {
  let isInClass = false;
  for (let index = at + 1; index < text.length && text[index] !== "\n"; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === "[") isInClass = true;
    else if (text[index] === "]") isInClass = false;
    else if (text[index] === "/" && !isInClass) return index + 1;
  }
  return at + 1;
}
