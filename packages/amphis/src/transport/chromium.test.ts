import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Frame } from "@amphis/protocol";
import { afterEach, expect, test } from "vitest";

import { bundlePage } from "../../test/programs.ts";
import type { Connection } from "./transport.ts";
import { webSocket } from "./websocket.ts";

/** The first browser of this machine. */
function findBrowser(): string | undefined {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: "pipe" }).trim();
    } catch {
      // The next one.
    }
  }
  return undefined;
}

const browser = process.platform === "win32" ? undefined : findBrowser();
if (browser === undefined) test("Chromium", ({ skip }) => skip("this machine has none"));

/** Sends frames and gets them back, takes many slowly, and tells in an event what it got. */
const PAGE = `
import { connectWebSocket } from "./browser.ts";
const connection = await connectWebSocket(location.href.replace("http", "ws") + "bus");
const sizes = [];
let [flood, echoed, taken] = [0];
const allEchoed = new Promise((resolve) => (echoed = resolve));
const allTaken = new Promise((resolve) => (taken = resolve));
connection.receive(async ({ kind, body }) => {
  if (kind === "message" && sizes.push(body.length) === 4) echoed();
  if (kind !== "item") return;
  await new Promise((resolve) => setTimeout(resolve));
  if ((flood += 1) === 64) taken();
});
for (const size of [0, 1, 300_000, 2_000_000]) await connection.send({ kind: "message", body: new Uint8Array(size) });
await allEchoed;
await connection.send({ kind: "call", body: new Uint8Array(0) });
await allTaken;
const told = { sizes, flood, full: connection.isFull, agent: navigator.userAgent };
await connection.send({ kind: "event", body: new TextEncoder().encode(JSON.stringify(told)) });
await connection.drain();
`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the page tells at its end, and the connection that it had. */
interface Visit {
  readonly told: Promise<string>;
  readonly connections: readonly Connection[];
}

/** Serves the page, answers it, and opens it in the browser. */
async function visit(program: string): Promise<Visit> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const script = await bundlePage(PAGE, folder);
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(
      request.url === "/" ? `<!doctype html><script type="module">${script}</script>` : "",
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close().closeAllConnections());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connections: Connection[] = [];
  let tell: (text: string) => void = () => undefined;
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const listener = await webSocket({ server, origins: [origin] }).listen(
    `${origin.replace("http", "ws")}/bus`,
    (connection) => {
      connections.push(connection);
      connection.receive((frame) => answer(connection, frame, tell));
    },
  );
  closing.push(() => listener.close());
  await openBrowser(program, `${origin}/`, join(folder, "profile"));
  return { told, connections };
}

async function answer(
  connection: Connection,
  frame: Frame,
  tell: (text: string) => void,
): Promise<void> {
  if (frame.kind === "event") tell(Buffer.from(frame.body).toString());
  if (frame.kind === "message") await connection.send(frame);
  if (frame.kind !== "call") return;
  for (let item = 0; item < 64; item += 1) {
    await connection.send({ kind: "item", body: new Uint8Array(1_000_000) });
  }
}

async function openBrowser(program: string, url: string, profile: string): Promise<void> {
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
  const child = spawn(program, [...flags, url], { stdio: "ignore" });
  await once(child, "spawn");
  closing.push(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null) await once(child, "exit");
  });
}

test.runIf(browser !== undefined)(
  "a page in Chromium sends frames to a listener and gets them back, at its own pace",
  { timeout: 60_000 },
  async () => {
    const { told, connections } = await visit(browser ?? "");
    const { agent, ...got } = JSON.parse(await told) as { agent: string };
    expect(agent).toContain("Chrome/");
    expect(got).toEqual({ sizes: [0, 1, 300_000, 2_000_000], flood: 64, full: false });
    expect(connections).toHaveLength(1);
    expect(await connections[0]?.closed).toEqual({ kind: "peer" });
  },
);
