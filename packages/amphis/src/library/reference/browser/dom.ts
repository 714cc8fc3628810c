/* What the scripts use of a browser, by its own names: this package is compiled for Node, which has none of it. */

export interface PageEvent {
  readonly key: string;
  readonly target: PageElement | null;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  preventDefault(): void;
}

export interface PageElement {
  hidden: boolean;
  id: string;
  value: string;
  href: string;
  type: string;
  src: string;
  disabled: boolean;
  className: string;
  textContent: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly tagName: string;
  readonly isContentEditable: boolean;
  readonly children: ArrayLike<PageElement>;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  append(...children: readonly (PageElement | string)[]): void;
  replaceChildren(...children: readonly PageElement[]): void;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  contains(other: PageElement | null): boolean;
  querySelector(selector: string): PageElement | null;
  scrollIntoView(options: { readonly block: "nearest" }): void;
  focus(): void;
  blur(): void;
  click(): void;
}

export interface PageDocument {
  readonly head: PageElement;
  readonly currentScript: PageElement | null;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  createElement(name: string): PageElement;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}
