import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";

import type { Example } from "./example.ts";
import { CONTENT_POLICY, SCRIPT_FILE } from "./layout.ts";
import { readOutcomes } from "./outcome.ts";
import { siteScript } from "./script.ts";
import type { WrittenReference } from "./write.ts";

export interface AnswersInit {
  readonly run: (example: Example, signal: AbortSignal) => Promise<unknown>;
  readonly timeoutMs: number;
  readonly token: string;
}

const MOST_BODY_BYTES = 4_096;
const MOST_RUNNING = 4;
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": `${CONTENT_POLICY}; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A request that is not answered with what it asks for. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the server of a site answers. */
export class Answers {
  readonly #written: WrittenReference;
  readonly #files: ReadonlySet<string>;
  readonly #init: AnswersInit;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(written: WrittenReference, init: AnswersInit) {
    this.#written = written;
    this.#files = new Set(written.files);
    this.#init = init;
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    try {
      expectOwn(request, port);
      const path = this.#pathOf(request);
      if (path === "run") await this.#run(request, response);
      else await this.#file(path, request, response);
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Refusal ? error.message : "Something went wrong";
      send(response, status, "application/json", JSON.stringify({ error: message }));
    }
  }

  /** Stops what runs, and waits until it has stopped. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled(this.#running);
  }

  /** What is behind the token. */
  #pathOf({ url = "" }: IncomingMessage): string {
    const [, token = "", path = ""] = /^\/([\w-]+)\/([^?#]*)/u.exec(url) ?? [];
    if (!isSame(token, this.#init.token)) {
      throw new Refusal(403, "The address has no valid token; open the one that the command shows");
    }
    return path === "" ? "index.html" : path;
  }

  async #file(path: string, { method }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== "GET" && method !== "HEAD") throw new Refusal(405, "It can only be read");
    // Only what was written is there, whatever else the folder has.
    if (!this.#files.has(path)) throw new Refusal(404, "There is no such page");
    const content =
      path === SCRIPT_FILE ? siteScript(true) : await readFile(join(this.#written.folder, path));
    send(response, 200, TYPES[extname(path)] ?? "application/octet-stream", content);
  }

  async #run(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") throw new Refusal(405, "Examples are run by POST");
    const { "content-type": type } = request.headers;
    if (type !== "application/json") throw new Refusal(415, "It must be JSON");
    const example = this.#written.examples.get(idOf(await bodyOf(request)));
    if (example === undefined) throw new Refusal(404, "There is no such example");
    if (this.#running.size >= MOST_RUNNING) throw new Refusal(429, "Others are running; try again");
    const running = this.#outcome(example, response);
    this.#running.add(running);
    try {
      send(response, 200, "application/json", JSON.stringify(await running));
    } finally {
      this.#running.delete(running);
    }
  }

  async #outcome(example: Example, response: ServerResponse): Promise<unknown> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    response.once("close", leave);
    const signal = AbortSignal.any([
      gone.signal,
      this.#stopped.signal,
      AbortSignal.timeout(this.#init.timeoutMs),
    ]);
    try {
      return { steps: readOutcomes(example, await this.#init.run(example, signal)) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      response.off("close", leave);
    }
  }
}

/** Pages of other sites may send requests here, and names of other machines may lead here; both say so. */
function expectOwn({ headers }: IncomingMessage, port: number): void {
  const { host = "", origin, "sec-fetch-site": site } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw new Refusal(403, "This is served as 127.0.0.1 only");
  }
  const isOwn = origin === undefined || origin === `http://${host}`;
  const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
  if (!isOwn || isForeign) throw new Refusal(403, "Other sites are not answered");
}

/** Takes as long for every wrong token. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const said = Number(request.headers["content-length"] ?? 0);
  // Before any of it is read: what is read in part only ends the connection, without an answer.
  if (!(said <= MOST_BODY_BYTES)) throw new Refusal(413, "The name of an example is shorter");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) throw new Refusal(413, "The name of an example is shorter");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function idOf(body: string): string {
  try {
    const { id } = JSON.parse(body) as { readonly id?: unknown };
    if (typeof id === "string") return id;
  } catch {
    // It is refused below.
  }
  throw new Refusal(400, 'It must be {"id": "..."}');
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Buffer,
): void {
  if (response.headersSent || response.destroyed) return;
  const close = status >= 400 ? { connection: "close" } : {};
  response.writeHead(status, { ...HEADERS, ...close, "content-type": type }).end(content);
}
