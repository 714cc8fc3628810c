import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  connectFrozen,
  connectRaw,
  describeTransport,
  listenRaw,
} from "@amphis/conformance/transport";
import type { AmphisError } from "@amphis/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";

import { nativeCore } from "../native-core.ts";
import type { Connection } from "./transport.ts";
import { unixSocket } from "./unix-socket.ts";

describeTransport("unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "amphis-"));
  const transport = unixSocket();
  return {
    server: transport,
    client: transport,
    address: `unix:${folder}/a.sock`,
    nobody: `unix:${folder}/nobody.sock`,
    raw: (address) => connectRaw({ path: address.slice("unix:".length) }),
    listenRaw: () =>
      listenRaw(createServer(), { path: `${folder}/raw.sock` }, () => `unix:${folder}/raw.sock`),
    freeze: (address) => connectFrozen({ path: address.slice("unix:".length) }),
    close: async () => rmSync(folder, { recursive: true }),
  };
});

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amphis-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ignore = (): void => undefined;

test("a socket lets only its own user in", async () => {
  const path = join(folder, "a.sock");
  await using listener = await unixSocket().listen(`unix:${path}`, ignore);
  expect(listener.state.kind).toBe("open");
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
});

test("the socket file goes with its listener", async () => {
  const path = join(folder, "a.sock");
  const listener = await unixSocket().listen(`unix:${path}`, ignore);
  await listener.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that is not there is named, and not taken for a lack of permission", async () => {
  const listening = unixSocket().listen(`unix:${folder}/nope/a.sock`, ignore);
  await expect(listening).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    reason: `the folder ${folder}/nope does not exist`,
  });
});

test("a socket that a killed process left is replaced", async () => {
  const path = join(folder, "a.sock");
  await leaveStale(path);
  expect(lstatSync(path).isSocket()).toBe(true);
  await using listener = await unixSocket().listen(`unix:${path}`, ignore);
  const connection = await unixSocket().connect(listener.address);
  await connection.close();
  expect(readdirSync(folder)).toEqual(["a.sock"]);
});

test("of many that find a stale socket at once, one listens and the others are told", async () => {
  const address = `unix:${join(folder, "a.sock")}`;
  await leaveStale(join(folder, "a.sock"));
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, () => unixSocket().listen(address, ignore)),
  );
  const listeners = attempts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failures = attempts.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(listeners).toHaveLength(1);
  expect(failures.map((error: AmphisError) => error.code)).toEqual(
    Array.from({ length: 7 }, () => "LISTEN_FAILED"),
  );
  const connection = await unixSocket().connect(address);
  await connection.close();
  await listeners[0]?.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("a socket on which another listens is never replaced", async () => {
  const address = `unix:${join(folder, "a.sock")}`;
  await using first = await unixSocket().listen(address, ignore);
  await expect(unixSocket().listen(address, ignore)).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    context: { address, reason: "another process listens there" },
  });
  const connection = await unixSocket().connect(first.address);
  await connection.close();
});

test("a file that is no socket is never replaced", async () => {
  const path = join(folder, "notes.txt");
  writeFileSync(path, "precious");
  await expect(unixSocket().listen(`unix:${path}`, ignore)).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    context: { reason: "there is a file that is no socket" },
  });
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("a folder that is not there is LISTEN_FAILED", async () => {
  await expect(unixSocket().listen(`unix:${folder}/none/a.sock`, ignore)).rejects.toMatchObject({
    code: "LISTEN_FAILED",
  });
});

test("a path that is too long is refused before anything happens", async () => {
  const address = `unix:/${"x".repeat(200)}`;
  await expect(unixSocket().listen(address, ignore)).rejects.toMatchObject({
    code: "ADDRESS_INVALID",
    context: { reason: expect.stringContaining("the path has 201 bytes, more than 10") as string },
  });
});

test("an abstract socket is refused unless it is allowed", async () => {
  await expect(unixSocket().listen("unix:@amphis", ignore)).rejects.toMatchObject({
    code: "ADDRESS_INVALID",
  });
});

test.runIf(process.platform === "linux")(
  "an abstract socket works where it is allowed",
  async () => {
    const transport = unixSocket({ allowAbstract: true });
    await using listener = await transport.listen(`unix:@amphis-${randomUUID()}`, ignore);
    const connection = await transport.connect(listener.address);
    expect(connection.state.kind).toBe("open");
    await connection.close();
  },
);

test("a connect that finds the queue full gives up in time, or connects when there is room", async () => {
  const path = join(folder, "a.sock");
  const code = `require("node:net").createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
    require("node:fs").writeSync(1, "listening");
  });`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGSTOP");
  const waiting: Connection[] = [];
  let failure: unknown;
  for (;;) {
    if (failure !== undefined) break;
    await unixSocket()
      .connect(`unix:${path}`, { connectTimeoutMs: 200 })
      .then(
        (connection) => waiting.push(connection),
        (error: unknown) => {
          failure = error;
        },
      );
  }
  expect(failure).toMatchObject({
    code: "CONNECT_FAILED",
    context: { reason: "no answer within 200 ms" },
  });
  const last = unixSocket().connect(`unix:${path}`);
  child.kill("SIGCONT");
  waiting.push(await last);
  await Promise.all(waiting.map((connection) => connection.close()));
  child.kill("SIGKILL");
  await once(child, "close");
});

test("a burst beyond the queue of the listener connects without a failure", async () => {
  const listener = await unixSocket().listen(`unix:${folder}/a.sock`, ignore, { backlog: 16 });
  const transport = unixSocket();
  const connections = await Promise.all(
    Array.from({ length: 500 }, () => transport.connect(listener.address)),
  );
  expect(connections).toHaveLength(500);
  await Promise.all(connections.map((connection) => connection.close()));
  await listener.close();
});

async function leaveStale(path: string): Promise<void> {
  const code = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", code]), "exit");
}

test("each side learns from the kernel which process is at the other end", async ({ skip }) => {
  const native = await nativeCore();
  if (native.kind === "unavailable") skip(native.reason);
  const path = join(folder, "a.sock");
  let accept: (connection: Connection) => void = ignore;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  await using listener = await unixSocket().listen(`unix:${path}`, (each) => accept(each));
  const program = `require("node:net").connect(${JSON.stringify(path)}).resume()`;
  const child = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
  const owner = { uid: process.getuid?.(), gid: process.getgid?.() };
  expect((await accepted).peer).toEqual({
    transport: "unix",
    address: "",
    process: { pid: child.pid, ...owner },
  });
  child.kill("SIGKILL");
  await using connection = await unixSocket().connect(listener.address);
  expect(connection.peer).toEqual({
    transport: "unix",
    address: listener.address,
    process: { pid: process.pid, ...owner },
  });
});
