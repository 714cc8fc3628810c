import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { isAmphisError, iterate, kw, setAttribute, Tuple } from "amphis";
import { afterAll, expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { story } from "./story.ts";

const PICTURE = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256);

/** Says back what it was asked, and has something of everything that servers give. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://local");
  const body = await buffer(request);
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
  switch (url.pathname) {
    case "/picture":
      return void response.end(PICTURE);
    case "/latin":
      headers["content-type"] = "text/plain; charset=iso-8859-1";
      return void response.writeHead(200, headers).end(Buffer.from("Grüße", "latin1"));
    case "/packed":
      headers["content-encoding"] = "gzip";
      return void response.writeHead(200, headers).end(gzipSync('{"big":12345678901234567890}'));
    case "/away":
      return void response.writeHead(302, { location: "/echo?moved=1" }).end();
    case "/login":
      headers["set-cookie"] = "session=ab12; Path=/; HttpOnly";
      return void response.writeHead(204, headers).end();
    case "/lines":
      headers["content-type"] = "text/plain; charset=utf-8";
      return void response.writeHead(200, headers).end("one\nzwölf\nthree\n");
    case "/silent":
      return void server.emit("silent");
    case "/teapot":
      return void response.writeHead(418, headers).end('{"short":"and stout"}');
  }
  const { cookie = null, authorization = null, "x-name": name = null } = request.headers;
  const digest = createHash("sha256").update(body).digest("hex");
  const query = Object.fromEntries(url.searchParams);
  const told = { method: request.method, query, digest, cookie, authorization, name };
  response.writeHead(200, headers).end(JSON.stringify(told));
}

const server = createServer((request, response) => void answer(request, response));

async function listening(): Promise<{ readonly url: string }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function at(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

story(
  "requests",
  (requests) => {
    requests.same(
      "a session logs in, sends forms and JSON, follows redirects and keeps its cookies",
      `
import requests
with requests.Session() as session:
    session.trust_env = False
    session.headers["X-Name"] = "Amphis"
    session.auth = ("ada", "p:ss")
    login = session.get(f"{url}/login")
    form = session.post(f"{url}/echo", params={"q": "ä b", "n": 2}, data={"a": "1", "b": "ü"})
    sent = session.put(f"{url}/echo", json={"list": [1, None, "日本"]})
    moved = session.get(f"{url}/away")
    result = {
        "login": login.status_code, "form": form.json(), "sent": sent.json(), "moved": moved.json(),
        "history": [each.status_code for each in moved.history], "cookies": session.cookies.get_dict(),
        "ok": moved.ok, "reason": form.reason, "kind": form.headers["content-type"],
    }
`,
      async (py) => {
        const session = await py.import("requests").Session();
        await setAttribute(session, "trust_env", false);
        await session.headers.update({ "X-Name": "Amphis" });
        await setAttribute(session, "auth", Tuple.of("ada", "p:ss"));
        const login = await session.get(at("/login"));
        const params = { q: "ä b", n: 2 };
        const form = await session.post(at("/echo"), kw({ params, data: { a: "1", b: "ü" } }));
        const sent = session.put(at("/echo"), kw({ json: { list: [1, null, "日本"] } })).json();
        const moved = await session.get(at("/away"));
        const history = await moved.history;
        return {
          login: await login.status_code,
          form: await form.json(),
          sent: await sent,
          moved: await moved.json(),
          history: await Promise.all(
            history.map((each: { status_code: unknown }) => each.status_code),
          ),
          cookies: await session.cookies.get_dict(),
          ok: await moved.ok,
          reason: await form.reason,
          kind: await form.headers.get("Content-Type"),
        };
      },
    );

    requests.same(
      "bodies come as what they are: bytes, texts of other encodings, packed JSON, lines, uploads",
      `
import hashlib, io, requests
def get(path, **options):
    return requests.get(url + path, **options)
picture = get("/picture").content
def parts():
    yield b"one"
    yield b"two"
result = {
    "picture": [len(picture), hashlib.sha256(picture).hexdigest()], "latin": get("/latin").text,
    "packed": get("/packed").json()["big"], "lines": list(get("/lines", stream=True).iter_lines(decode_unicode=True)),
    "file": requests.post(f"{url}/echo", data=io.BytesIO(picture)).json()["digest"],
    "streamed": requests.post(f"{url}/echo", data=parts()).json()["digest"],
    "teapot": [get("/teapot").status_code, get("/teapot").json()["short"]],
}
`,
      async (py) => {
        const client = await py.import("requests");
        const picture: Uint8Array = await client.get(at("/picture")).content;
        const lines: unknown[] = [];
        const response = await client.get(at("/lines"), kw({ stream: true }));
        for await (const line of iterate(response.iter_lines(kw({ decode_unicode: true })))) {
          lines.push(line);
        }
        async function* parts(): AsyncGenerator<Uint8Array> {
          yield Buffer.from("one");
          yield Buffer.from("two");
        }
        const file = py.import("io").BytesIO(picture);
        const teapot = await client.get(at("/teapot"));
        return {
          picture: [picture.length, createHash("sha256").update(picture).digest("hex")],
          latin: await client.get(at("/latin")).text,
          packed: (await client.get(at("/packed")).json()).big,
          lines,
          file: (await client.post(at("/echo"), kw({ data: file })).json()).digest,
          streamed: (await client.post(at("/echo"), kw({ data: parts() })).json()).digest,
          teapot: [await teapot.status_code, (await teapot.json()).short],
        };
      },
    );

    test("errors of requests have their exceptions", async () => {
      const client = await requests.py.import("requests");
      const status = await rejection(client.get(at("/teapot")).raise_for_status());
      if (!isAmphisError(status, "PYTHON_ERROR")) throw status;
      expect(status).toMatchObject({ type: "HTTPError", link: ".raise_for_status()" });
      expect(status.module).toMatch(/^requests/u);
      const scheme = await rejection(client.get("example.org/path"));
      expect(scheme).toMatchObject({ type: "MissingSchema" });
      const refused = await rejection(client.get("http://127.0.0.1:9/"));
      expect(refused).toMatchObject({ type: "ConnectionError" });
      const json = await rejection(client.get(at("/latin")).json());
      expect(json).toMatchObject({ type: "JSONDecodeError" });
      const slow = await rejection(client.get(at("/silent"), kw({ timeout: Tuple.of(30, 0.05) })));
      expect(slow).toMatchObject({ type: "ReadTimeout" });
    });

    test("a request that hangs is given up when its signal says so, and the next one is made", async () => {
      const client = requests.py.import("requests");
      const stop = new AbortController();
      server.once("silent", () => stop.abort());
      const error = await rejection(client.get(at("/silent")).with({ signal: stop.signal }));
      expect(isAmphisError(error, "CALL_CANCELLED")).toBe(true);
      expect(await client.get(at("/echo")).ok).toBe(true);
    });
  },
  { given: listening, python: { packages: ["requests"], env: { set: { NO_PROXY: "*" } } } },
);
