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
