import { once } from "node:events";
import { createServer as createWeb } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";

import { describe, expect, onTestFinished, test } from "vitest";

import { hostRules } from "../network-rules.ts";
import { HostList } from "./host-list.ts";
import { NetworkProxy, type NetworkProxyOptions } from "./network-proxy.ts";

const CANARY = "the canary";

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A web server that remembers what it was asked. */
async function web(): Promise<{ readonly port: number; readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const server = createWeb((asked, answer) => {
    const { host, connection, "x-kept": kept, "x-dropped": dropped, ...rest } = asked.headers;
    const secrets = Object.keys(rest).filter((name) => name.startsWith("proxy"));
    heard.push([asked.method, asked.url, host, connection, kept, dropped, ...secrets].join(" "));
    asked.resume().once("end", () => answer.end(CANARY));
  });
  return { port: await portOf(server), heard };
}

interface Proxy {
  readonly port: number;
  readonly refused: readonly string[];
}

async function proxyFor(
  rules: readonly string[],
  options: Partial<NetworkProxyOptions> = {},
): Promise<Proxy> {
  const refused: string[] = [];
  const onRefused = (target: string, event: string): void =>
    void refused.push(`${event} ${target}`);
  const proxy = new NetworkProxy({ rules: hostRules(rules), onRefused, ...options });
  onTestFinished(() => proxy.close());
  return { port: await proxy.listen({ port: 0, host: "127.0.0.1" }), refused };
}

/** Sends bytes, and gives all that comes until the other side ends. */
async function say({ port }: Proxy, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  let heard = "";
  socket.setEncoding("latin1").on("data", (part: string) => (heard += part));
  socket.on("error", () => undefined);
  socket.write(text, "latin1");
  await once(socket, "close");
  return heard;
}

describe("the proxy of a sandbox", () => {
  test("passes requests on, put together anew", async () => {
    const { port, heard } = await web();
    const proxy = await proxyFor([`127.0.0.1:${port}`]);
    const said = await say(
      proxy,
      `GET http://127.0.0.1:${port}/a/../b?c HTTP/1.1\r\nHost: elsewhere.example\r\n` +
        "Connection: close, x-dropped\r\nX-Dropped: 1\r\nX-Kept: 1\r\n" +
        "Proxy-Authorization: Basic secret\r\nProxy-Connection: keep-alive\r\n\r\n",
    );
    expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*the canary/u);
    expect(heard).toEqual([`GET /b?c 127.0.0.1:${port} close 1 `]);
  });

  test.each([
    ["another host", (port: number) => `CONNECT localhost:${port} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [
      "an allowed Host",
      (port: number) => `CONNECT 127.0.0.2:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    ],
    [
      "another notation",
      (port: number) => `CONNECT 2130706433:${port} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ],
    ["another port", () => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n"],
    [
      "a mapped address",
      (port: number) => `CONNECT [::ffff:127.0.0.2]:${port} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ],
    [
      "a request elsewhere",
      (port: number) => `GET http://localhost:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    ],
  ])("refuses %s, and says so", async (_, text) => {
    const { port, heard } = await web();
    const proxy = await proxyFor([`127.0.0.1:${port}`]);
    expect(await say(proxy, text(port))).toMatch(/^HTTP\/1\.1 403 .*add ".+:\d+"\r\n/u);
    expect(proxy.refused).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  test.each([
    ["no host", "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a user before the host", "CONNECT a@127.0.0.1:PORT HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["no port", "CONNECT 127.0.0.1 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["port 0", "CONNECT 127.0.0.1:0 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["too large a port", "CONNECT 127.0.0.1:65536 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a path alone", "GET /secret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400],
    ["another scheme", "GET https://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a user in the address", "GET http://a:b@127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    [
      "two lengths",
      "POST http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
      400,
    ],
    [
      "a length and chunks",
      "POST http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "a chunk of no size",
      "POST http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\nz\r\n",
      400,
    ],
    ["a blank before the colon", "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost : x\r\n\r\n", 400],
    [
      "a folded header",
      "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
      400,
    ],
    ["a zero in a header", "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 400],
    [
      "too many headers",
      `GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      "too long a line",
      `GET http://127.0.0.1:PORT/${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
    ],
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ] as const)("refuses %s", async (_, text, status) => {
    const { port, heard } = await web();
    const proxy = await proxyFor([`127.0.0.1:${port}`]);
    const said = await say(proxy, text.replaceAll("PORT", String(port)));
    expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    expect(said).not.toContain(CANARY);
    // Of what cannot be read as one request nothing reaches anybody.
    expect(heard).toEqual([]);
  });

  test("takes the request behind a first one for what it is", async () => {
    const { port, heard } = await web();
    const proxy = await proxyFor([`127.0.0.1:${port}`]);
    const first = `POST http://127.0.0.1:${port}/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc`;
    const second = `GET http://localhost:${port}/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    await say(proxy, first + second);
    expect(heard.filter((line) => line.includes("/2"))).toEqual([]);
  });

  test("does not follow a public name to an address that is not", async () => {
    const { port } = await web();
    const name = new HostList(hostRules(["api.example.org:443", "10.0.0.0/8:443", "*.internal"]));
    expect(name.allowsName("API.example.org.", 443)).toBe(true);
    expect(name.allowsName("api.example.org", 80)).toBe(false);
    expect(name.allowsName("xapi.example.org", 443)).toBe(false);
    expect(name.allowsName("a.internal", 1)).toBe(true);
    expect(name.allowsName("internal", 1)).toBe(false);
    expect(name.mayLead("api.example.org", "93.184.216.34", 443)).toBe(true);
    expect(name.mayLead("api.example.org", "10.1.2.3", 443)).toBe(true);
    const inside = [
      "127.0.0.1",
      "192.168.0.1",
      "169.254.169.254",
      "0.0.0.0",
      "::1",
      "::",
      "fd00::1",
    ];
    const carried = [
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
      "fe80::1%eth0",
    ];
    for (const address of [...inside, ...carried, "100.64.0.1", "224.0.0.1"]) {
      expect([address, name.mayLead("api.example.org", address, 443)]).toEqual([address, false]);
    }
    expect(name.mayLead("api.example.org", "10.1.2.3", 80)).toBe(false);
    // The only name here that surely leads inside is this machine's own, which is no public one.
    const every = await proxyFor([`*:${port}`]);
    expect(await say(every, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 403 /u,
    );
    const own = new HostList(hostRules(["*"]));
    expect(own.mayLead("localhost", "127.0.0.1", 80)).toBe(true);
    expect(own.mayLead("localhost", "10.0.0.1", 80)).toBe(false);
    expect(own.mayLead("localhost.example.org", "127.0.0.1", 80)).toBe(false);
  });

  test("says that a host cannot be reached, where the rules would let it", async () => {
    const server = createServer();
    const port = await portOf(server);
    server.close();
    await once(server, "close");
    const proxy = await proxyFor([`127.0.0.1:${port}`]);
    const said = await say(proxy, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 502 .*ECONNREFUSED/u);
    expect(proxy.refused).toEqual([]);
  });

  /** A tunnel that is open, to a server that says nothing. */
  async function openTunnel(
    options: Partial<NetworkProxyOptions>,
  ): Promise<{ readonly proxy: Proxy; readonly text: string; readonly socket: Socket }> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      onTestFinished(() => void socket.destroy());
    });
    const port = await portOf(server);
    const proxy = await proxyFor([`127.0.0.1:${port}`], options);
    const text = `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const socket = connect({ port: proxy.port, host: "127.0.0.1" }).setEncoding("latin1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined).write(text);
    const [said] = (await once(socket, "data")) as [string];
    expect(said).toMatch(/^HTTP\/1\.1 200 /u);
    return { proxy, text, socket };
  }

  test("closes connections beyond its limit at once, and takes others when there is room", async () => {
    const { proxy, text, socket } = await openTunnel({ maxConnections: 1 });
    expect(await say(proxy, text)).toBe("");
    socket.destroy();
    const asked = "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n";
    await expect.poll(() => say(proxy, asked)).toMatch(/^HTTP\/1\.1 403 /u);
  });

  test("closes a tunnel in which nothing moves", async () => {
    const { socket } = await openTunnel({ idleMs: 100 });
    await once(socket, "close");
  });
});
