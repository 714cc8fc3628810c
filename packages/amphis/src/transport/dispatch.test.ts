import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { connect, listen, transportFor } from "./dispatch.ts";
import { pipePath } from "./named-pipe.ts";
import type { Connection } from "./transport.ts";

test.each([
  ["unix:/a", "unix"],
  ["pipe:a", "pipe"],
  ["tcp://a:1", "tcp"],
  ["tls://a:1", "tls"],
  ["ws://a", "ws"],
  ["wss://a", "ws"],
  ["stdio:", "stdio"],
  ["inproc:a", "inproc"],
])("%s is carried by the transport %s", (address, scheme) => {
  expect(transportFor(address).scheme).toBe(scheme);
});

test("what listens on an address is reached by it", async () => {
  const accepted: Connection[] = [];
  await using listener = await listen(
    "tcp://127.0.0.1:0",
    (connection) => void accepted.push(connection),
  );
  const connection = await connect(listener.address);
  expect(connection.peer).toEqual({ transport: "tcp", address: listener.address });
  await connection.close();
});

test("an address that is none is refused by a rejection", async () => {
  await expect(connect("nowhere")).rejects.toMatchObject({ code: "ADDRESS_INVALID" });
  await expect(listen("nowhere", () => undefined)).rejects.toMatchObject({
    code: "ADDRESS_INVALID",
  });
});

test("a named pipe has the path that Windows wants, and is refused elsewhere", () => {
  expect(pipePath("pipe:bus", "win32")).toBe("\\\\.\\pipe\\bus");
  expect(() => pipePath("pipe:bus", "linux")).toThrow(
    expect.objectContaining({ code: "ADDRESS_INVALID" }),
  );
});

test("neither TLS nor HTTP nor WebSockets are loaded before an address asks for them", () => {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const source = readFileSync(file, "utf8");
    // What is imported for its types alone is gone when it runs.
    for (const [, name = ""] of source.matchAll(
      /^(?:import|export) (?!type )[^;]*? from "([^"]+)";$/gmu,
    )) {
      if (name.startsWith(".")) visit(new URL(name, file));
      else outside.add(name);
    }
  };
  visit(new URL("index.ts", import.meta.url));
  expect(seen).toContain(new URL("websocket.ts", import.meta.url).href);
  expect(outside).toContain("node:net");
  const heavy = ["node:tls", "node:http", "node:https", "node:crypto", "ws"];
  expect(heavy.filter((name) => outside.has(name))).toEqual([]);
});
