/* Goes through a site from page to page, and gives rows as they are found. */

// #region types
/**
 * @typedef {{ readonly kind: "product", readonly name: string, readonly price: number, readonly page: string }} Product
 * @typedef {{ readonly kind: "link", readonly url: string }} Link
 * @typedef {{ readonly url: string, readonly rows: number, readonly error: unknown }} Visited
 */
// #endregion types

// #region crawl
/**
 * @param {import("amphis").Python} py
 * @param {string} start
 * @param {{ signal?: AbortSignal, onPage?: (page: Visited) => void }} options
 * @returns {AsyncGenerator<Product, void>}
 */
export async function* crawl(py, start, { signal, onPage } = {}) {
  /** @type {Map<string, Visit>} */
  const visits = new Map();
  const known = new Set();
  /** @param {string} url */
  const begin = (url) => {
    if (known.has(url)) return;
    known.add(url);
    visits.set(url, new Visit(url, py.stream("scraper:visit", [url], { signal })));
  };

  begin(start);
  try {
    while (visits.size > 0) {
      const visit = await Promise.race([...visits.values()].map(({ ready }) => ready));
      const { item } = visit;
      if (item === undefined) {
        signal?.throwIfAborted();
        visits.delete(visit.url);
        onPage?.(visit);
      } else if (item.kind === "link") begin(item.url);
      else yield item;
      visit.goOn();
    }
  } finally {
    // Whoever leaves early ends what is still being read.
    await Promise.all([...visits.values()].map((visit) => visit.leave()));
  }
}
// #endregion crawl

// #region visit
/** A page while it is read. */
class Visit {
  rows = 0;
  /** The item that came last; none when there are no more. */
  item = /** @type {Product | Link | undefined} */ (undefined);
  error = /** @type {unknown} */ (undefined);
  #items;

  /**
   * @param {string} url
   * @param {AsyncIterableIterator<Product | Link>} items
   */
  constructor(url, items) {
    this.url = url;
    this.#items = items;
    /** Itself, when an item or the end has come. */
    this.ready = this.#take();
  }

  goOn() {
    if (this.item !== undefined) this.ready = this.#take();
  }

  async leave() {
    await this.#items.return?.();
  }

  /** @returns {Promise<this>} */
  async #take() {
    try {
      const { value, done } = await this.#items.next();
      this.item = done === true ? undefined : value;
      if (this.item?.kind === "product") this.rows += 1;
    } catch (error) {
      this.item = undefined;
      this.error = error;
    }
    return this;
  }
}
// #endregion visit
