import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from "node:net";

import { encodeFrame, type Frame } from "@amphis/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import type { Connection, Listener } from "./transport.ts";
import { webSocket, type WebSocketOptions } from "./websocket.ts";

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

interface Served {
  readonly listener: Listener;
  /** The next connection that a peer opens. */
  readonly next: () => Promise<Connection>;
}

async function serve(
  address = "ws://127.0.0.1:0/frames",
  options: WebSocketOptions = {},
): Promise<Served> {
  const come: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  const listener = await webSocket(options).listen(address, (connection) => {
    const taker = waiting.shift();
    if (taker === undefined) come.push(connection);
    else taker(connection);
  });
  opened.push({ [Symbol.asyncDispose]: () => listener.close() });
  const next = (): Promise<Connection> => {
    const connection = come.shift();
    return connection === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(connection);
  };
  return { listener, next };
}

async function pair(): Promise<{ readonly client: Connection; readonly server: Connection }> {
  const { listener, next } = await serve();
  const client = await webSocket().connect(listener.address);
  opened.push({ [Symbol.asyncDispose]: async () => void (await client.close()) });
  return { client, server: await next() };
}

/** Collects until there are so many. */
function take(connection: Connection, count: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  return new Promise((resolve) =>
    connection.receive((frame) => {
      frames.push(frame);
      if (frames.length === count) resolve(frames);
    }),
  );
}

async function statusOf(
  url: string,
  init: { origin?: string; version?: number } = {},
): Promise<number> {
  const { origin, version = 13 } = init;
  const socket = new WebSocket(url, {
    protocolVersion: version,
    ...(origin === undefined ? {} : { origin }),
  });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on("open", () => {
      socket.on("close", () => resolve(101));
      socket.close();
    });
  });
}

describe("frames over WebSockets", () => {
  test("arrive whole and in order, whatever their size", async () => {
    const { client, server } = await pair();
    const sizes = [0, 1, 24, 16_383, 16_384, 262_144, 262_145, 5_000_000, 3];
    const taken = take(server, sizes.length);
    for (const [index, size] of sizes.entries()) {
      await client.send({ kind: "message", callId: index, body: new Uint8Array(size).fill(index) });
    }
    const frames = await taken;
    expect(frames.map(({ callId, body }) => [callId, body.length, body.at(-1) ?? -1])).toEqual(
      sizes.map((size, index) => [index, size, size === 0 ? -1 : index]),
    );
  });

  test("that were accepted all arrive when both sides drain", async () => {
    const { client, server } = await pair();
    const got = { client: 0, server: 0 };
    client.receive(() => void (got.client += 1));
    server.receive(() => void (got.server += 1));
    const frame = { kind: "message", body: new Uint8Array(50_000) } as const;
    const sends = (connection: Connection): Promise<PromiseSettledResult<void>[]> =>
      Promise.allSettled(Array.from({ length: 100 }, () => connection.send(frame)));
    const sending = [sends(client), sends(server)];
    const drains = [client.drain(), server.drain()];
    expect((await Promise.all(drains)).map(({ kind }) => kind)).toEqual(["local", "local"]);
    const [accepted = 0, acceptedByServer = 0] = (await Promise.all(sending)).map(
      (settled) => settled.filter(({ status }) => status === "fulfilled").length,
    );
    expect(accepted).toBeGreaterThan(0);
    expect(got).toEqual({ client: acceptedByServer, server: accepted });
  });
});

describe("the end of a WebSocket", () => {
  test("is in good order for the peer when one side drains or closes", async () => {
    for (const end of ["drain", "close"] as const) {
      for (const side of ["client", "server"] as const) {
        const both = await pair();
        expect(await both[side][end]()).toEqual({ kind: "local" });
        expect(await both[side === "client" ? "server" : "client"].closed).toEqual({
          kind: "peer",
        });
      }
    }
  });

  test("is a failure when the socket is cut", async () => {
    const { listener, next } = await serve();
    const socket = new WebSocket(listener.address);
    const server = await next();
    if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
    socket.terminate();
    expect(await server.closed).toMatchObject({
      kind: "failed",
      error: { code: "CONNECTION_CLOSED" },
    });
  });

  test("is the end of what is delivered, whatever a peer sends behind it", async () => {
    const { listener, next } = await serve();
    const socket = new WebSocket(listener.address);
    const server = await next();
    const got: number[] = [];
    server.receive(({ callId }) => void got.push(callId));
    if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
    const closed = once(socket, "close");
    socket.send(encodeFrame({ kind: "message", callId: 1, body: new Uint8Array(9) }));
    socket.send("end");
    socket.send(encodeFrame({ kind: "message", callId: 2, body: new Uint8Array(9) }));
    expect(await server.closed).toEqual({ kind: "peer" });
    await closed;
    expect(got).toEqual([1]);
  });

  test.each([
    ["a text that means nothing", (socket: WebSocket) => socket.send("hello"), 1003],
    ["bytes that are no frame", (socket: WebSocket) => socket.send(new Uint8Array(100)), undefined],
    [
      "a message beyond the limit",
      (socket: WebSocket) => socket.send(new Uint8Array(0x400_0001)),
      1009,
    ],
  ])("comes with a typed error after %s, and for no other connection", async (_, send, code) => {
    const { listener, next } = await serve();
    const other = await webSocket().connect(listener.address);
    const otherSide = await next();
    const socket = new WebSocket(listener.address);
    socket.on("error", () => undefined);
    const server = await next();
    if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
    send(socket);
    const closed = once(socket, "close");
    const reason = await server.closed;
    expect(reason).toMatchObject({ kind: "failed", error: { name: "AmphisError" } });
    const [closeCode] = (await closed) as [number];
    if (code !== undefined) expect([code, 1006]).toContain(closeCode);
    const taken = take(otherSide, 1);
    await other.send({ kind: "message", body: new Uint8Array(3) });
    expect(await taken).toHaveLength(1);
    await other.close();
  });
});

describe("a WebSocket listener", () => {
  test("says where it listens and who connected", async () => {
    const { listener, next } = await serve();
    expect(listener.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/frames$/u);
    const client = await webSocket().connect(listener.address);
    const server = await next();
    expect(client.peer).toEqual({ transport: "ws", address: listener.address });
    expect(server.peer.transport).toBe("ws");
    expect(server.peer.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/u);
    expect([...listener.connections]).toEqual([server]);
    await client.close();
    await server.closed;
    expect(listener.connections.size).toBe(0);
  });

  test("refuses other paths, and web pages that are not on its list", async () => {
    const { listener } = await serve("ws://127.0.0.1:0/frames", {
      origins: ["https://app.example.com"],
    });
    const url = listener.address;
    expect(await statusOf(url)).toBe(101);
    expect(await statusOf(`${url}?token=1`)).toBe(101);
    expect(await statusOf(url, { origin: "https://app.example.com" })).toBe(101);
    expect(await statusOf(url, { origin: "https://evil.example.com" })).toBe(403);
    expect(await statusOf(url, { origin: "null" })).toBe(403);
    expect(await statusOf(url, { origin: "https://evil.example.com", version: 8 })).toBe(403);
    expect(await statusOf(`${url}/more`)).toBe(404);
  });

  test("answers plain requests and takes no web page unless told to", async () => {
    const { listener } = await serve("ws://127.0.0.1:0/");
    expect((await fetch(listener.address.replace("ws:", "http:"))).status).toBe(426);
    expect(await statusOf(listener.address, { origin: "https://app.example.com" })).toBe(403);
    const { listener: open } = await serve("ws://127.0.0.1:0/", { origins: "any" });
    expect(await statusOf(open.address, { origin: "https://app.example.com" })).toBe(101);
  });

  test("refuses an origin that no browser sends", () => {
    expect(() => webSocket({ origins: ["app.example.com"] })).toThrow(TypeError);
    expect(() => webSocket({ origins: ["https://app.example.com/"] })).toThrow(TypeError);
  });

  test("shares a server with others and leaves it open", async () => {
    const server = createServer((_, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const a = await serve(`ws://127.0.0.1:${port}/a`, { server });
    const b = await serve("ws://127.0.0.1:0/b", { server });
    expect(b.listener.address).toBe(`ws://127.0.0.1:${port}/b`);
    expect(await statusOf(a.listener.address)).toBe(101);
    expect(await statusOf(b.listener.address)).toBe(101);
    expect(await statusOf(`ws://127.0.0.1:${port}/c`)).toBe(404);
    await a.listener.close();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello");
    expect(await statusOf(b.listener.address)).toBe(101);
    await expect(
      webSocket({ server }).listen("wss://127.0.0.1:0/", () => undefined),
    ).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    await b.listener.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(
      webSocket({ server }).listen("ws://127.0.0.1:0/", () => undefined),
    ).rejects.toMatchObject({ code: "LISTEN_FAILED" });
  });

  test("closes once, with sockets that never asked for anything", async () => {
    const { listener, next } = await serve();
    const { port } = new URL(listener.address);
    const silent = connectTcp(Number(port), "127.0.0.1");
    await once(silent, "connect");
    const client = await webSocket().connect(listener.address);
    await next();
    const gone = once(silent, "close");
    silent.resume();
    await Promise.all([listener.close(), listener.close(), listener.drain()]);
    expect(listener.state).toEqual({ kind: "closed" });
    await gone;
    expect(await client.closed).toEqual({ kind: "peer" });
    await expect(webSocket().connect(listener.address)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
  });

  test("closes a connection whose acceptor throws, and no other", async () => {
    let count = 0;
    const listener = await webSocket().listen("ws://127.0.0.1:0/", () => {
      count += 1;
      if (count === 1) throw new Error("not today");
    });
    const first = await webSocket().connect(listener.address);
    expect((await first.closed).kind).not.toBe("local");
    const second = await webSocket().connect(listener.address);
    expect(second.state).toEqual({ kind: "open" });
    await listener.close();
  });

  test("fails on a port in use, a wrong address and an aborted signal", async () => {
    const { listener } = await serve();
    const listen = (address: string, signal?: AbortSignal): Promise<Listener> =>
      webSocket().listen(address, () => undefined, { signal });
    await expect(listen(listener.address)).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    await expect(listen("tcp://127.0.0.1:0")).rejects.toMatchObject({ code: "ADDRESS_INVALID" });
    const reason = new Error("enough");
    await expect(listen("ws://127.0.0.1:0/", AbortSignal.abort(reason))).rejects.toBe(reason);
    const late = new AbortController();
    const listening = listen("ws://localhost:0/", late.signal);
    late.abort(reason);
    await expect(listening).rejects.toBe(reason);
  });
});

describe("connecting a WebSocket", () => {
  test("fails when nobody listens, when it is refused, and on a wrong address", async () => {
    const { listener } = await serve();
    const connect = (address: string): Promise<Connection> => webSocket().connect(address);
    await expect(connect(`${listener.address}/x`)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      reason: "Unexpected server response: 404",
    });
    await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({ code: "CONNECT_FAILED" });
    await expect(connect("http://127.0.0.1:1/")).rejects.toMatchObject({ code: "ADDRESS_INVALID" });
  });

  test("ends with the signal, or after its time, against a peer that never answers", async () => {
    const silent = createTcpServer((socket) => socket.resume());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const reason = new Error("enough");
    const abort = new AbortController();
    const coming = once(silent, "connection");
    const connecting = webSocket().connect(url, { signal: abort.signal });
    const [first] = await coming;
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    if (!first.destroyed) await once(first, "close");
    await expect(webSocket().connect(url, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      reason: "it did not answer within 50 ms",
    });
    await expect(webSocket().connect(url, { signal: abort.signal })).rejects.toBe(reason);
    await new Promise((resolve) => silent.close(resolve));
  });
});
