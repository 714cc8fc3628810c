import type { PageDocument, PageElement, PageEvent } from "./dom.ts";
import { Finder, type Found, type SearchIndex } from "./found.ts";

declare const document: PageDocument;

const MOST_SHOWN = 30;

/** The field at the top of every page, and the list below it. */
class SearchBox {
  readonly #input: PageElement;
  readonly #list: PageElement;
  readonly #root: string;
  readonly #indexFile: string;
  #finder: Finder | undefined;
  #isLoading = false;
  #chosen = -1;

  constructor(form: PageElement, input: PageElement, list: PageElement, script: PageElement) {
    this.#input = input;
    this.#list = list;
    this.#root = script.dataset["root"] ?? "";
    this.#indexFile = script.dataset["index"] ?? "";
    form.hidden = false;
    input.addEventListener("focus", () => this.#load());
    input.addEventListener("input", () => this.#show());
    input.addEventListener("keydown", (event) => this.#press(event));
    form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", ({ target }) => {
      if (!form.contains(target)) this.#close();
    });
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  /** The index is as large as the libraries are, so it comes when somebody searches. */
  #load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const script = document.createElement("script");
    script.src = this.#indexFile;
    script.addEventListener("load", () => {
      const { amphisReferenceIndex: index } = globalThis as { amphisReferenceIndex?: unknown };
      if (!Array.isArray(index)) return;
      this.#finder = new Finder(index as SearchIndex);
      this.#show();
    });
    document.head.append(script);
  }

  #show(): void {
    const query = this.#input.value;
    if (query.trim() === "") {
      this.#close();
      return;
    }
    this.#load();
    if (this.#finder === undefined) return;
    const found = this.#finder.find(query, MOST_SHOWN);
    this.#list.replaceChildren(
      ...(found.length === 0 ? [nothing()] : found.map((one, at) => this.#hit(one, at))),
    );
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#choose(found.length === 0 ? -1 : 0);
  }

  #hit({ path, kind, summary, target }: Found, at: number): PageElement {
    const link = document.createElement("a");
    link.href = this.#root + target;
    link.setAttribute("tabindex", "-1");
    link.append(withText("code", path), withText("span", kind), withText("small", summary));
    const hit = document.createElement("li");
    hit.id = `hit-${at}`;
    hit.setAttribute("role", "option");
    hit.append(link);
    return hit;
  }

  #press(event: PageEvent): void {
    const { length } = this.#list.children;
    switch (event.key) {
      case "ArrowDown":
        this.#choose(Math.min(this.#chosen + 1, length - 1));
        break;
      case "ArrowUp":
        this.#choose(Math.max(this.#chosen - 1, 0));
        break;
      case "Enter":
        this.#list.children[this.#chosen]?.querySelector("a")?.click();
        break;
      case "Escape":
        this.#close();
        this.#input.blur();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #choose(at: number): void {
    for (const [index, hit] of Array.from(this.#list.children).entries()) {
      hit.setAttribute("aria-selected", String(index === at));
      if (index === at) hit.scrollIntoView({ block: "nearest" });
    }
    this.#chosen = at;
    if (at < 0) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `hit-${at}`);
  }

  #close(): void {
    this.#list.hidden = true;
    this.#chosen = -1;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  /** `/` goes to the field, unless somebody is writing it somewhere. */
  #shortcut(event: PageEvent): void {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const isWriting = target?.isContentEditable === true || target?.tagName === "INPUT";
    if (key !== "/" || ctrlKey || metaKey || altKey || isWriting) return;
    event.preventDefault();
    this.#input.focus();
  }
}

function nothing(): PageElement {
  const line = withText("li", "Nothing is called or described like that.");
  line.className = "nothing";
  return line;
}

function withText(name: string, text: string): PageElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** Begins to work on the page that the script stands in. */
export function startSearch(): void {
  const script = document.currentScript;
  const form = document.querySelector("form[role=search]");
  const input = document.querySelector("#search");
  const list = document.querySelector("#hits");
  if (script === null || form === null || input === null || list === null) return;
  void new SearchBox(form, input, list, script);
}
