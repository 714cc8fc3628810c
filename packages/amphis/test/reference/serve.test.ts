import { request } from "node:http";

import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

import {
  type Example,
  EXAMPLE_FUNCTION,
  exampleArguments,
  type LibraryModel,
  type ReferenceServer,
  serveReference,
  writeReference,
} from "../../src/library/index.ts";
import { openPython } from "../../src/index.ts";
import { attacks, folder, LIBRARIES } from "./project.ts";

let model: LibraryModel;

beforeAll(async () => {
  model = await attacks();
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks a server, with headers that no browser would let a page set. */
function ask(base: string, { path = "", body, ...options }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, base), { agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };

function runRequest(id: unknown): Asked {
  return { path: "run", method: "POST", headers: JSON_TYPE, body: JSON.stringify({ id }) };
}

interface Served {
  readonly server: ReferenceServer;
  readonly started: Example[];
}

/** A site of the hostile library, whose examples run in real workers. */
async function serve(timeoutMs?: number): Promise<Served> {
  const python = await openPython({ workers: 1, path: LIBRARIES, config: false });
  onTestFinished(() => python.close());
  const written = await writeReference([model], { folder: await folder() });
  const started: Example[] = [];
  const server = await serveReference(written, {
    timeoutMs,
    run: (example, signal) => {
      started.push(example);
      return python.call(EXAMPLE_FUNCTION, exampleArguments(example), { signal });
    },
  });
  onTestFinished(() => server.close());
  return { server, started };
}

describe("a served site", () => {
  test("shows its pages, and runs an example that a page names", async () => {
    const { server } = await serve();
    const page = await ask(server.url, { path: "attacks/attacks.html" });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
    expect((await ask(server.url, { path: "reference.js" })).body).toContain("Run the example");

    const ran = await ask(server.url, runRequest("attacks/attacks.Shelf.html#attacks.Shelf.put"));
    expect(ran.status).toBe(200);
    expect(JSON.parse(ran.body)).toEqual({
      steps: [
        { source: "shelf = Shelf()", output: "", error: null },
        { source: 'shelf.put("one")', output: "1\n", error: null },
        { source: 'shelf.put("two")', output: "2\n", error: null },
      ],
    });
  });

  test("answers nobody without its token, and nobody who came by another name or from another site", async () => {
    const { server, started } = await serve();
    const { origin, port, pathname } = new URL(server.url);
    const run = runRequest("attacks/attacks.html#attacks.a");
    const wrong = `${origin}/${"x".repeat(pathname.length - 2)}/`;
    const foreign: readonly (readonly [string, Asked])[] = [
      [wrong, { path: "index.html" }],
      [wrong, run],
      [`${origin}/`, {}],
      [`${origin}/`, { path: "index.html" }],
      [server.url, { headers: { host: `rebound.example:${port}` } }],
      [server.url, { headers: { host: "127.0.0.1" } }],
      [server.url, { ...run, headers: { ...JSON_TYPE, origin: "https://example.org" } }],
      [server.url, { ...run, headers: { ...JSON_TYPE, origin: "null" } }],
      [server.url, { ...run, headers: { ...JSON_TYPE, "sec-fetch-site": "cross-site" } }],
    ];
    for (const [base, asked] of foreign) expect((await ask(base, asked)).status).toBe(403);
    expect(started).toEqual([]);
  });

  test("runs nothing but examples that it has, and reads nothing but what was written", async () => {
    const { server, started } = await serve();
    const code = 'import os; os.remove("x")';
    const refused: readonly (readonly [Asked, number])[] = [
      [runRequest("attacks/attacks.html#nothing"), 404],
      [runRequest("__proto__"), 404],
      [runRequest({ source: code }), 400],
      [{ ...runRequest(1), body: "{" }, 400],
      [
        {
          ...runRequest("x"),
          body: JSON.stringify({ id: "x", source: code, padding: "x".repeat(5_000) }),
        },
        413,
      ],
      [{ ...runRequest("x"), headers: { "content-type": "text/plain" } }, 415],
      [{ path: "run" }, 405],
      [{ method: "DELETE" }, 405],
      [{ path: "amphis-reference.json" }, 404],
      [{ path: "..%2f..%2f..%2fetc%2fpasswd" }, 404],
      [{ path: "attacks/" }, 404],
    ];
    for (const [asked, status] of refused) {
      expect((await ask(server.url, asked)).status, JSON.stringify(asked)).toBe(status);
    }
    expect(started).toEqual([]);
  });

  test(
    "stops an example whose time is up, and runs the next one",
    { timeout: 120_000 },
    async () => {
      const { server } = await serve(2_000);
      const late = await ask(server.url, runRequest("attacks/attacks.html#attacks.shelf"));
      expect(late.status).toBe(200);
      expect(JSON.parse(late.body)).toEqual({
        error: expect.stringMatching(/time|abort|cancel/iu),
      });
      const next = await untilRun(server, "attacks/attacks.html#attacks.a");
      expect(next.steps[0]?.output).toBe("'</pre><script>'\n");
    },
  );

  test("stops what it runs when it is closed, as often as that is asked", async () => {
    const { server, started } = await serve();
    const running = ask(server.url, runRequest("attacks/attacks.html#attacks.shelf"));
    const outcome = running.then(
      () => "answered",
      () => "cut off",
    );
    await expect.poll(() => started.length).toBe(1);
    await Promise.all([server.close(), server.close()]);
    await expect(outcome).resolves.toMatch(/answered|cut off/u);
    await expect(ask(server.url, {})).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("at a port that is taken is an error that says so, and at none is refused", async () => {
    const { server } = await serve();
    const written = await writeReference([model], { folder: await folder() });
    const port = Number(new URL(server.url).port);
    const run = (): Promise<unknown> => Promise.resolve([]);
    await expect(serveReference(written, { port, run })).rejects.toMatchObject({
      code: "REFERENCE_NOT_SERVED",
      address: `127.0.0.1:${port}`,
    });
    await expect(serveReference(written, { port: 65_536, run })).rejects.toThrow(RangeError);
    await expect(serveReference(written, { timeoutMs: 0, run })).rejects.toThrow(RangeError);
  });

  test("shows no answer of a worker that has another shape", async () => {
    const written = await writeReference([model], { folder: await folder() });
    let said: unknown;
    const server = await serveReference(written, { run: () => Promise.resolve(said) });
    onTestFinished(() => server.close());
    for (said of [
      {},
      [1],
      [{ output: 1, error: null }],
      Array.from({ length: 9 }, () => ({ output: "", error: null })),
    ]) {
      const { body } = await ask(server.url, runRequest("attacks/attacks.html#attacks.a"));
      expect(JSON.parse(body)).toEqual({ error: expect.stringContaining("something else") });
    }
  });
});

/** Asks until the worker that was busy is replaced. */
async function untilRun(
  server: ReferenceServer,
  id: string,
): Promise<{ readonly steps: readonly { readonly output: string }[] }> {
  for (;;) {
    const { body } = await ask(server.url, runRequest(id));
    const answer = JSON.parse(body) as { readonly steps?: readonly { readonly output: string }[] };
    if (answer.steps !== undefined) return { steps: answer.steps };
  }
}
