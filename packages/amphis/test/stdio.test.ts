import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";

import type { Frame } from "@amphis/protocol";
import { afterAll, expect, test } from "vitest";

import { stdio, stdioOf } from "../src/transport/stdio.ts";
import type { Connection } from "../src/transport/transport.ts";
import { bundleProgram } from "./programs.ts";

const folder = mkdtempSync(join(tmpdir(), "amphis-stdio-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = await bundleProgram("stdio-echo", folder);

function start(): ChildProcess {
  return spawn(process.execPath, [program], { stdio: "pipe" });
}

function frames(connection: Connection, count: number): Promise<Frame[]> {
  const received: Frame[] = [];
  return new Promise((resolve) => {
    connection.receive((frame) => {
      received.push(frame);
      if (received.length === count) resolve(received);
    });
  });
}

test("frames go to a program's standard input and come from its standard output", async () => {
  const child = start();
  const exited = once(child, "exit");
  const why = text(child.stderr as NodeJS.ReadableStream);
  const connection = stdioOf(child);
  const received = frames(connection, 3);
  const sizes = [0, 100, 8 * 1024 * 1024];
  for (const size of sizes) {
    await connection.send({ kind: "event", body: new Uint8Array(size).fill(7) });
  }
  expect((await received).map(({ body }) => body.length)).toEqual(sizes);
  await expect(connection.drain()).resolves.toEqual({ kind: "local" });
  await expect(why).resolves.toBe("peer");
  await expect(exited).resolves.toEqual([0, null]);
});

test("the peer names the program", async () => {
  const child = start();
  const connection = stdioOf(child);
  expect(connection.peer).toEqual({
    transport: "stdio",
    address: `${process.execPath} (${child.pid})`,
  });
  await connection.close();
});

test("a program that is killed ends the connection", async () => {
  const child = start();
  const connection = stdioOf(child);
  const received = frames(connection, 1);
  await connection.send({ kind: "event", body: new Uint8Array(1) });
  await received;
  child.kill("SIGKILL");
  await expect(connection.closed).resolves.toEqual({ kind: "peer" });
  await expect(connection.send({ kind: "event", body: new Uint8Array(1) })).rejects.toMatchObject({
    code: "CONNECTION_CLOSED",
  });
});

test("a program that prints to standard output is no peer", async () => {
  const child = spawn(process.execPath, ["-e", "console.log('hello, I am not a frame at all')"]);
  await expect(stdioOf(child).closed).resolves.toMatchObject({
    kind: "failed",
    error: { code: "FRAME_INVALID" },
  });
});

test("a program that cannot be started ends the connection", async () => {
  const child = spawn(join(folder, "none"), { stdio: "pipe" });
  child.on("error", () => undefined);
  const connection = stdioOf(child);
  const { kind } = await connection.closed;
  expect(["failed", "peer"]).toContain(kind);
});

test("a program without pipes is CONNECT_FAILED", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  expect(() => stdioOf(child)).toThrow(expect.objectContaining({ code: "CONNECT_FAILED" }));
  await once(child, "exit");
});

test("standard streams that are no pipes are CONNECT_FAILED", async () => {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "ignore", "pipe"] });
  const output = await text(child.stderr as NodeJS.ReadableStream);
  expect(output).toContain(
    "Cannot connect to stdio:: standard input is no pipe: start this program from another one",
  );
});

test("streams are lent once", async () => {
  const transport = stdio({ input: new PassThrough(), output: new PassThrough() });
  const connection = await transport.connect("stdio:");
  const listening = transport.listen("stdio:", () => undefined);
  await expect(listening).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    context: { reason: "the streams are in use already" },
  });
  await connection.close();
});

test("a listener hands out its one connection, and closes with it", async () => {
  const transport = stdio({ input: new PassThrough(), output: new PassThrough() });
  let tell: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    tell = resolve;
  });
  const listener = await transport.listen("stdio:", (connection) => tell(connection));
  const connection = await accepted;
  expect([...listener.connections]).toEqual([connection]);
  await connection.close();
  await listener.close();
  expect(listener.state).toEqual({ kind: "closed" });
  expect(listener.connections.size).toBe(0);
});
