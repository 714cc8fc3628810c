import { type Html, joined, markup } from "./markup.ts";
import { inline, type Resolve } from "./inline.ts";

/** What is longer is cut: nobody reads it, and somebody may have written it for that. */
const LONGEST = 100_000;
/** Lists in lists and the like; what is deeper stands as it is written. */
const DEEPEST = 6;

const RULE = /^([=\-~^"'#*+`.:_])\1{2,}$/u;
const TABLE_RULE = /^={2,}(?: +={2,})+$/u;
const BULLET = /^(?:[-*+•]|\d{1,3}[.)]|#\.|\([a-z\d]{1,3}\)) +(?=\S)/iu;
const DIRECTIVE = /^\.\. ([a-z][\w:-]{0,40}):: ?(.*)$/iu;
const FOOTNOTE = /^\.\. \[(#?\w{1,30})\] +(.*)$/u;
const COMMENT = /^\.\.(?: |$)/u;
const HEADING = /^#{1,6} +(\S.*)$/u;
const FENCE = /^(```|~~~)/u;
const NOTES: ReadonlySet<string> = new Set(
  "note warning tip important caution hint danger attention error seealso admonition todo".split(
    " ",
  ),
);
const CHANGES: Readonly<Record<string, string>> = {
  versionadded: "New in version",
  versionchanged: "Changed in version",
  deprecated: "Deprecated since version",
  "deprecated-removed": "Deprecated since version",
};

/**
 * The text of a docstring as markup: paragraphs, lists, titles, tables, code, notes.
 *
 * What it does not know stands there as it is written; whatever is written, it is text. The time that it takes grows with the length only.
 */
export function blocks(text: string, resolve: Resolve): Html {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return new Blocks(cut.split("\n"), resolve, 0).markup();
}

class Blocks {
  readonly #lines: readonly string[];
  readonly #resolve: Resolve;
  readonly #depth: number;
  readonly #parts: Html[] = [];
  #at = 0;

  constructor(lines: readonly string[], resolve: Resolve, depth: number) {
    this.#lines = lines;
    this.#resolve = resolve;
    this.#depth = depth;
  }

  markup(): Html {
    while (this.#at < this.#lines.length) {
      if (this.#isBlank(this.#at)) this.#at += 1;
      else this.#parts.push(this.#block(this.#line(this.#at)));
    }
    return joined(this.#parts, "\n");
  }

  #block(line: string): Html {
    if (line.startsWith(" ")) return this.#indented();
    if (line.startsWith(">>>")) {
      const lines = this.#while((one) => one.trim() !== "");
      return code(lines, "python");
    }
    if (line.startsWith("+-") || line.startsWith("+=")) {
      return code(this.#while((one) => /^[+|]/u.test(one)));
    }
    if (FENCE.test(line)) return this.#fence(line.slice(0, 3));
    if (TABLE_RULE.test(line)) return this.#table(line);
    if (line.startsWith("..")) return this.#explicit(line);
    const heading = HEADING.exec(line)?.[1] ?? (this.#isTitle() ? line : undefined);
    if (heading !== undefined) return this.#heading(heading);
    if (BULLET.test(line)) return this.#list();
    if (this.#isTerm(this.#at)) return this.#definitions();
    return this.#paragraph();
  }

  #heading(text: string): Html {
    this.#at += this.#isTitle() ? 2 : 1;
    return markup`<h4>${inline(text, this.#resolve)}</h4>`;
  }

  #paragraph(): Html {
    const lines = this.#while((one) => one.trim() !== "" && !one.startsWith(">>>"), 1);
    const text = lines.join("\n");
    if (!text.endsWith("::")) return markup`<p>${inline(text, this.#resolve)}</p>`;
    const before = text.slice(0, -2).trimEnd();
    const literal = code(this.#body());
    if (before === "") return literal;
    return joined([markup`<p>${inline(`${before}:`, this.#resolve)}</p>`, literal], "\n");
  }

  #list(): Html {
    const items: Html[] = [];
    const isOrdered = /^[\d(#]/u.test(this.#line(this.#at));
    for (;;) {
      const mark = BULLET.exec(this.#line(this.#at))?.[0];
      if (mark === undefined) break;
      const first = this.#line(this.#at).slice(mark.length);
      this.#at += 1;
      const more = this.#body();
      items.push(markup`<li>${this.#inner([first, ...more])}</li>`);
      const next = this.#nextText();
      if (!BULLET.test(this.#line(next))) break;
      this.#at = next;
    }
    return isOrdered ? markup`<ol>${items}</ol>` : markup`<ul>${items}</ul>`;
  }

  /** Terms with what is said of them below, indented. */
  #definitions(): Html {
    const items: Html[] = [];
    for (;;) {
      const term = inline(this.#line(this.#at), this.#resolve);
      this.#at += 1;
      items.push(markup`<dt>${term}</dt><dd>${this.#inner(this.#body())}</dd>`);
      const next = this.#nextText();
      if (!this.#isTerm(next)) break;
      this.#at = next;
    }
    return markup`<dl>${items}</dl>`;
  }

  #explicit(line: string): Html {
    this.#at += 1;
    const footnote = FOOTNOTE.exec(line);
    if (footnote !== null) {
      const [, label, text = ""] = footnote;
      const said = this.#inner([text, ...this.#body()]);
      return markup`<div class="footnote"><sup>${label}</sup> ${said}</div>`;
    }
    const [, directive = "", first = ""] = DIRECTIVE.exec(line) ?? [];
    const body = this.#body();
    // Comments, labels, and what belongs to tools.
    if (directive === "") return COMMENT.test(line) ? markup`` : markup`<p>${line}</p>`;
    const name = directive.toLowerCase();
    const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
    if (change !== undefined) {
      return markup`<div class="change"><em>${change} ${first}</em>${this.#inner(body)}</div>`;
    }
    if (NOTES.has(name)) {
      return markup`<div class="note"><strong>${name}</strong>${this.#inner([first, ...body])}</div>`;
    }
    const shown = /code|ipython|doctest|test/u.test(name) ? body : [first, ...body];
    return code(shown.filter((one) => !/^:[\w-]+:/u.test(one)));
  }

  #fence(mark: string): Html {
    this.#at += 1;
    const lines = this.#while((one) => !one.startsWith(mark));
    this.#at += 1;
    return code(lines);
  }

  /** Columns between spaces, under a rule that says where they are. */
  #table(rule: string): Html {
    const starts = [...rule.matchAll(/=+/gu)].map(({ index }) => index);
    this.#at += 1;
    const sections: string[][] = [[]];
    while (this.#at < this.#lines.length) {
      const line = this.#line(this.#at);
      const isRule = TABLE_RULE.test(line);
      if (isRule) sections.push([]);
      else if (line.trim() !== "" || sections.length > 1) sections.at(-1)?.push(line);
      this.#at += 1;
      if (isRule && this.#isBlank(this.#at)) break;
    }
    const filled = sections.filter((section) => section.some((line) => line.trim() !== ""));
    const [head, ...rest] = filled;
    const rows = (lines: readonly string[], cell: "td" | "th"): Html[] =>
      lines.filter((line) => line.trim() !== "").map((line) => this.#row(line, starts, cell));
    if (head === undefined) return markup``;
    const [heads, bodies] = rest.length > 0 ? [head, rest.flat()] : [[], head];
    const columns = markup`<thead>${rows(heads, "th")}</thead>`;
    return markup`<div class="wide"><table>${columns}<tbody>${rows(bodies, "td")}</tbody></table></div>`;
  }

  #row(line: string, starts: readonly number[], cell: "td" | "th"): Html {
    const cells = starts.map((start, at) =>
      inline(line.slice(start, starts[at + 1]).trim(), this.#resolve),
    );
    const isHead = cell === "th";
    return markup`<tr>${cells.map((text) => (isHead ? markup`<th scope="col">${text}</th>` : markup`<td>${text}</td>`))}</tr>`;
  }

  #indented(): Html {
    const body = this.#body();
    if (body[0]?.startsWith(">>>") === true) return this.#inner(body);
    return markup`<div class="indented">${this.#inner(body)}</div>`;
  }

  #inner(lines: readonly string[]): Html {
    if (this.#depth >= DEEPEST) return code(lines);
    return new Blocks(lines, this.#resolve, this.#depth + 1).markup();
  }

  /** The indented lines from here on, blank ones among them, without their common indentation. */
  #body(): string[] {
    const lines = this.#while((one) => one.trim() === "" || one.startsWith(" "));
    while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
    let margin = Infinity;
    for (const line of lines) if (line.trim() !== "") margin = Math.min(margin, marginOf(line));
    return lines.map((line) => line.slice(Math.min(margin, marginOf(line))));
  }

  /** Lines as long as they are such, at least so many. */
  #while(isOne: (line: string) => boolean, least = 0): string[] {
    const from = this.#at;
    while (
      this.#at < this.#lines.length &&
      (this.#at - from < least || isOne(this.#line(this.#at)))
    ) {
      this.#at += 1;
    }
    return this.#lines.slice(from, this.#at);
  }

  #isTitle(): boolean {
    return RULE.test(this.#line(this.#at + 1)) && this.#line(this.#at).length < 120;
  }

  /** One line, and below it something indented. */
  #isTerm(at: number): boolean {
    const line = this.#line(at);
    if (line === "" || line.startsWith(" ")) return false;
    if (line.endsWith("::") || BULLET.test(line)) return false;
    return !this.#isBlank(at + 1) && this.#line(at + 1).startsWith(" ");
  }

  #nextText(): number {
    let at = this.#at;
    while (at < this.#lines.length && this.#isBlank(at)) at += 1;
    return at;
  }

  #isBlank(at: number): boolean {
    return this.#line(at).trim() === "";
  }

  #line(at: number): string {
    return this.#lines[at] ?? "";
  }
}

function marginOf(line: string): number {
  return line.length - line.trimStart().length;
}

function code(lines: readonly string[], language = "text"): Html {
  return markup`<pre tabindex="0" class="${language}"><code>${lines
    .join("\n")
    .replace(/^(?: *\n)+/u, "")
    .trimEnd()}</code></pre>`;
}
