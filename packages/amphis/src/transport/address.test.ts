import { describe, expect, test } from "vitest";

import { addressOf, formatAddress, parseAddress } from "./address.ts";

describe("an address", () => {
  test.each([
    ["unix:/run/app.sock", { scheme: "unix", path: "/run/app.sock", abstract: false }],
    ["unix:/a b/%41.sock", { scheme: "unix", path: "/a b/%41.sock", abstract: false }],
    ["shm:/run/app.sock", { scheme: "shm", path: "/run/app.sock", abstract: false }],
    ["unix:@name", { scheme: "unix", path: "name", abstract: true }],
    ["pipe:app-1.x_y", { scheme: "pipe", name: "app-1.x_y" }],
    ["tcp://127.0.0.1:0", { scheme: "tcp", host: "127.0.0.1", port: 0 }],
    ["tcp://[::1]:65535", { scheme: "tcp", host: "::1", port: 65_535 }],
    ["tls://example.org:443", { scheme: "tls", host: "example.org", port: 443 }],
    ["ws://localhost:80", { scheme: "ws", host: "localhost", port: 80, path: "/" }],
    ["ws://localhost?a=1", { scheme: "ws", host: "localhost", port: 80, path: "/?a=1" }],
    ["wss://[::1]/bus?a=1", { scheme: "wss", host: "::1", port: 443, path: "/bus?a=1" }],
    ["wss://h:8443/bus", { scheme: "wss", host: "h", port: 8443, path: "/bus" }],
    ["stdio:", { scheme: "stdio" }],
    ["inproc:bus", { scheme: "inproc", name: "bus" }],
  ])("%s is read, and written so that it is read the same", (text, expected) => {
    const address = parseAddress(text);
    expect(address).toEqual(expected);
    expect(parseAddress(formatAddress(address))).toEqual(expected);
  });

  test.each([
    [
      "",
      "it starts with no scheme such as unix:, shm:, pipe:, tcp:, tls:, ws:, wss:, stdio: or inproc:",
    ],
    [
      "/run/app.sock",
      "it starts with no scheme such as unix:, shm:, pipe:, tcp:, tls:, ws:, wss:, stdio: or inproc:",
    ],
    ["http://localhost", 'there is no scheme "http"'],
    ["UNIX:/a", 'there is no scheme "UNIX"'],
    ["unix:", "the path must be absolute"],
    ["unix:app.sock", "the path must be absolute"],
    ["unix:///run/app.sock", "a path has no host: write unix:/path with one slash"],
    ["shm:///run/app.sock", "a path has no host: write shm:/path with one slash"],
    ["unix:/run/", "the path names a folder"],
    ["unix:/a\0b", "a path contains no NUL"],
    ["unix:@", "the name behind @ is empty"],
    ["tcp:localhost:1", "it must have the form tcp://host:port"],
    ["tcp://localhost", "the port is missing"],
    ["tcp://localhost:65536", "port 65536 is above 65535"],
    ["tcp://localhost:-1", "it must have the form tcp://host:port"],
    ["tcp://localhost:1/path", "nothing may follow the port"],
    ["tcp://user@localhost:1", "it must have the form tcp://host:port"],
    ["tcp://::1:80", "it must have the form tcp://host:port"],
    ["ws://h/#part", "a WebSocket address has no fragment"],
    ["stdio:1", "nothing may follow stdio:"],
    ["inproc:", "a name has 1 to 200 letters, digits, dots, dashes and underscores"],
    ["pipe:a\\b", "a name has 1 to 200 letters, digits, dots, dashes and underscores"],
  ])("%j is refused with the reason", (address, reason) => {
    expect(() => parseAddress(address)).toThrow(
      expect.objectContaining({ code: "ADDRESS_INVALID", context: { address, reason } }),
    );
  });

  test("of another scheme is refused", () => {
    expect(() => addressOf("tcp://h:1", "ws", "wss")).toThrow(
      'Cannot use address "tcp://h:1": it must start with ws: or wss:',
    );
  });
});
