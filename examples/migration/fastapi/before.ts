/* The client of a FastAPI side-car: types by hand, and a function for each route of `app.py`. */

// #region client
export interface Rating {
  readonly text: string;
  readonly stars: number;
  readonly words: number;
}

export class SideCarError extends Error {
  readonly status: number;
  readonly detail: unknown;

  constructor(route: string, status: number, detail: unknown) {
    super(`${route} answered ${status}: ${JSON.stringify(detail)}`);
    this.status = status;
    this.detail = detail;
  }
}

export class ReviewsClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  rate(texts: readonly string[], best = 5): Promise<Rating[]> {
    return this.#json("/rate", { texts, best });
  }

  spread(texts: readonly string[]): Promise<number | null> {
    return this.#json("/spread", texts);
  }

  async read(file: Blob, column = "review"): Promise<string[]> {
    const form = new FormData();
    form.set("file", file, "reviews.csv");
    form.set("column", column);
    const response = await this.#post("/read", { body: form });
    return (await response.json()) as string[];
  }

  async *summarize(texts: readonly string[], signal?: AbortSignal): AsyncGenerator<string> {
    const response = await this.#post("/summarize", {
      ...jsonOf(texts),
      ...(signal && { signal }),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) yield decoder.decode(chunk, { stream: true });
  }

  async crash(): Promise<void> {
    await this.#post("/crash", {});
  }

  async #json<T>(route: string, body: unknown): Promise<T> {
    const response = await this.#post(route, jsonOf(body));
    return (await response.json()) as T;
  }

  async #post(route: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(route, this.#url), { ...init, method: "POST" });
    if (!response.ok) {
      const { detail } = (await response.json().catch(() => ({}))) as { readonly detail?: unknown };
      throw new SideCarError(route, response.status, detail);
    }
    return response;
  }
}

function jsonOf(body: unknown): RequestInit {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
// #endregion client
