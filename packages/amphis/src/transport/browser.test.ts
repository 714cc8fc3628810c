import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo } from "node:net";

import { encodeFrame } from "@amphis/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { connectWebSocket, type StandardWebSocketClass } from "./browser.ts";
import type { Connection } from "./transport.ts";
import { webSocket } from "./websocket.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const { WebSocket: platform } = globalThis as { readonly WebSocket?: StandardWebSocketClass };
const classes: readonly (readonly [string, StandardWebSocketClass | undefined])[] = [
  ["the WebSocket of ws", WebSocket],
  ["the WebSocket of this platform", platform],
];

describe.each(classes)("%s", (_, WebSocket) => {
  if (WebSocket === undefined) {
    test("is absent", ({ skip }) => skip("Node has one from version 22"));
    return;
  }

  test("carries frames to a listener and back, and ends in good order", async () => {
    const listener = await webSocket().listen("ws://127.0.0.1:0/page", (connection) =>
      connection.receive((frame) => connection.send(frame)),
    );
    closing.push(() => listener.close());
    const connection = await connectWebSocket(listener.address, { WebSocket });
    closing.push(() => connection.close());
    expect(connection.peer).toEqual({ transport: "ws", address: listener.address });
    const sizes = [0, 1, 300_000, 2_000_000];
    const got: number[] = [];
    const all = new Promise<void>((resolve) => {
      connection.receive(({ body }) => {
        if (got.push(body.length) === sizes.length) resolve();
      });
    });
    for (const size of sizes) {
      await connection.send({ kind: "message", body: new Uint8Array(size) });
    }
    await all;
    expect(got).toEqual(sizes);
    const shared = new Uint8Array(new SharedArrayBuffer(20_000));
    await connection.send({ kind: "message", body: shared });
    expect(await connection.drain()).toEqual({ kind: "local" });
    expect(got.at(-1)).toBe(20_000);
  });

  test("makes the listener's side wait while its receiver does", async () => {
    const total = 100;
    let accepted = 0;
    let sent: Promise<unknown> = Promise.resolve();
    const listener = await webSocket().listen("ws://127.0.0.1:0/page", (connection) => {
      const body = new Uint8Array(1_000_000);
      const send = (): Promise<unknown> =>
        connection.send({ kind: "message", body }).then(() => (accepted += 1));
      sent = Promise.all(Array.from({ length: total }, send));
    });
    closing.push(() => listener.close());
    const connection = await connectWebSocket(listener.address, { WebSocket });
    const gate = new Promise((resolve) => void setTimeout(resolve, 300));
    let got = 0;
    const all = new Promise<void>((resolve) => {
      connection.receive(async () => {
        await gate;
        if ((got += 1) === total) resolve();
      });
    });
    await gate;
    expect(accepted).toBeLessThan(total);
    await Promise.all([all, sent]);
    expect([accepted, connection.state.kind]).toEqual([total, "open"]);
  });

  test("fails to connect with typed errors, and with the reason of the signal", async () => {
    const silent = createTcpServer((socket) => socket.resume());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    closing.push(() => new Promise((resolve) => silent.close(resolve)));
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const connect = (to: string, options = {}): Promise<Connection> =>
      connectWebSocket(to, { WebSocket, ...options });
    await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({ code: "CONNECT_FAILED" });
    await expect(connect("tcp://127.0.0.1:1")).rejects.toMatchObject({ code: "ADDRESS_INVALID" });
    await expect(connect(url, { connectTimeoutMs: 30 })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      reason: "it did not answer within 30 ms",
    });
    const reason = new Error("enough");
    await expect(connect(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const connecting = connect(url, { signal: abort.signal });
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });

  test("gives up a peer that goes on sending although it was asked to pause", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    await once(server, "listening");
    closing.push(async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    const texts: string[] = [];
    const frame = encodeFrame({ kind: "message", body: new Uint8Array(1_000_000) });
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.on("message", (data, binary) => {
        if (!binary) texts.push((data as Buffer).toString());
      });
      const flood = (): void => {
        if (socket.readyState === socket.OPEN) socket.send(frame, flood);
      };
      flood();
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const connection = await connectWebSocket(url, { WebSocket });
    expect(await connection.closed).toMatchObject({
      kind: "failed",
      error: {
        code: "CONNECTION_CLOSED",
        reason: "the peer sent on although it was asked to pause",
      },
    });
    expect(texts[0]).toBe("pause");
  });
});

test("a platform without a WebSocket is told to pass one", async () => {
  if (platform !== undefined) return;
  await expect(connectWebSocket("ws://127.0.0.1:1/")).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    reason: "this platform has no WebSocket; pass one as an option",
  });
});

test("the client for browsers imports nothing of Node", () => {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    for (const [, clause = "", name = ""] of source.matchAll(
      // What is of types only is gone when it runs.
      /(import|export) (?!type\b)[^;]*? from "([^"]+)"/gu,
    )) {
      if (name.startsWith("./")) visit(name);
      else outside.add(`${clause} ${name}`);
    }
  };
  visit("./browser.ts");
  expect(seen.size).toBeGreaterThan(5);
  expect([...outside]).toEqual(["import @amphis/protocol"]);
});
