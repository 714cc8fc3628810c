import { type Html, joined, markup, type Part, webAddress } from "./markup.ts";

/** Where the name of something leads, from where it is written; nothing where that is not known. */
export type Resolve = (name: string) => string | undefined;

/** Marks that are further apart belong to nothing. */
const LONGEST = 1_000;

const ROLE = /:[a-z][\w+-]{0,30}(?::[a-z][\w+-]{0,30})?:(?=`)/iuy;
const ADDRESS = /https?:\/\/[^\s<>"'`\\{}|^]{1,1000}/iuy;
const FOOTNOTE = /\[(#?\w{1,30})\]_/uy;
const LABELLED = /^(.*?)\s*<([^<>]*)>$/su;
/** Nothing else begins anything. */
const MARK = /[`*:h[\\]/giu;

/** A line or paragraph of a docstring with the markup that is common in them: code, names, emphasis, addresses. */
export function inline(text: string, resolve: Resolve): Html {
  return new Inline(text, resolve).markup();
}

class Inline {
  readonly #text: string;
  readonly #resolve: Resolve;
  readonly #parts: Part[] = [];
  #at = 0;
  #plainFrom = 0;

  constructor(text: string, resolve: Resolve) {
    this.#text = text;
    this.#resolve = resolve;
  }

  markup(): Html {
    for (;;) {
      MARK.lastIndex = this.#at;
      const mark = MARK.exec(this.#text);
      if (mark === null) break;
      this.#at = mark.index;
      if (!this.#marked(mark[0])) this.#at += 1;
    }
    this.#plainTo(this.#text.length);
    return joined(this.#parts);
  }

  #marked(mark: string): boolean {
    switch (mark) {
      case "`":
        return this.#text.startsWith("``", this.#at) ? this.#code() : this.#name(this.#at);
      case "*":
        return this.#emphasis();
      case ":":
        return this.#role();
      case "[":
        return this.#footnote();
      case "\\":
        return this.#isEscape();
      default:
        return this.#address();
    }
  }

  /** ``code`` */
  #code(): boolean {
    const from = this.#at + 2;
    const end = this.#find("``", from);
    if (end <= from) {
      // Neither mark begins anything.
      this.#at += 1;
      return false;
    }
    return this.#take(markup`<code>${this.#text.slice(from, end)}</code>`, end + 2);
  }

  /** `name`, `text <address>`_ */
  #name(quote: number, isMath = false): boolean {
    const from = quote + 1;
    const end = this.#find("`", from);
    if (end <= from) return false;
    const content = this.#text.slice(from, end).replaceAll(/\s+/gu, " ");
    const link = /_{1,2}/uy;
    link.lastIndex = end + 1;
    const after = end + 1 + (link.exec(this.#text)?.[0].length ?? 0);
    return this.#take(isMath ? markup`<code>${content}</code>` : this.#named(content), after);
  }

  #named(content: string): Html {
    const labelled = LABELLED.exec(content);
    const [, label = "", target = ""] = labelled ?? [];
    const address = webAddress(target);
    if (address !== undefined) return linkTo(address, label === "" ? target : label);
    const name = (labelled === null ? content : target).replace(/^[~!]/u, "");
    const shown = labelled !== null && label !== "" ? label : lastOf(content, name);
    const href = this.#resolve(name.replace(/\(\)$/u, ""));
    return href === undefined
      ? markup`<code>${shown}</code>`
      : markup`<a href="${href}"><code>${shown}</code></a>`;
  }

  /** :func:`name`, :math:`a_i` */
  #role(): boolean {
    ROLE.lastIndex = this.#at;
    const role = ROLE.exec(this.#text)?.[0];
    if (role === undefined) return false;
    return this.#name(this.#at + role.length, role === ":math:");
  }

  /** *emphasis*, **strong** */
  #emphasis(): boolean {
    const mark = this.#text.startsWith("**", this.#at) ? "**" : "*";
    const from = this.#at + mark.length;
    const before = this.#text[this.#at - 1] ?? " ";
    // As in `a*b` and `f(x)**2`: emphasis begins behind a space or an opening mark, and ends before a space or a closing one.
    if (!/[\s'"([{<\-/:]/u.test(before)) return false;
    if (/^[\s*]?$/u.test(this.#text[from] ?? "")) return false;
    const end = this.#find(mark, from);
    if (end <= from || /\s/u.test(this.#text[end - 1] ?? "")) return false;
    const after = this.#text[end + mark.length] ?? " ";
    if (!/[\s'")\]}>\-/\\:.,;!?]/u.test(after)) return false;
    const content = this.#text.slice(from, end);
    const marked = mark === "*" ? markup`<em>${content}</em>` : markup`<strong>${content}</strong>`;
    return this.#take(marked, end + mark.length);
  }

  #footnote(): boolean {
    FOOTNOTE.lastIndex = this.#at;
    const found = FOOTNOTE.exec(this.#text);
    if (found === null) return false;
    return this.#take(markup`<sup>${found[1]}</sup>`, this.#at + found[0].length);
  }

  #address(): boolean {
    if (/\w/u.test(this.#text[this.#at - 1] ?? " ")) return false;
    ADDRESS.lastIndex = this.#at;
    const found = ADDRESS.exec(this.#text)?.[0].replace(/[.,;:!?)\]*_]+$/u, "");
    const address = found === undefined ? undefined : webAddress(found);
    if (found === undefined || address === undefined) return false;
    return this.#take(linkTo(address, found), this.#at + found.length);
  }

  /** A mark behind a backslash is only itself. */
  #isEscape(): boolean {
    if (!/[`*:[\\]/u.test(this.#text[this.#at + 1] ?? "")) return false;
    this.#plainTo(this.#at);
    this.#plainFrom = this.#at + 1;
    this.#at += 2;
    return true;
  }

  /** Where a mark is next, if that is near. */
  #find(mark: string, from: number): number {
    const end = this.#text.slice(from, from + LONGEST).indexOf(mark);
    return end < 0 ? -1 : from + end;
  }

  #take(part: Html, end: number): true {
    this.#plainTo(this.#at);
    this.#parts.push(part);
    this.#at = end;
    this.#plainFrom = end;
    return true;
  }

  #plainTo(end: number): void {
    if (end > this.#plainFrom) this.#parts.push(this.#text.slice(this.#plainFrom, end));
  }
}

/** `~numpy.linalg.norm` shows its last part only. */
function lastOf(content: string, name: string): string {
  return content.startsWith("~") ? (name.split(".").at(-1) ?? name) : name;
}

function linkTo(address: string, text: string): Html {
  return markup`<a href="${address}" rel="noopener noreferrer">${text}</a>`;
}
