import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { join } from "node:path";

import { openPython } from "amphis";
import { describe, expect, onTestFinished, test } from "vitest";

import { type PolicyDenied, subscribe } from "../../src/telemetry/index.ts";
import { CANARY, opened, secretFolder } from "./opened.ts";
import { greeter } from "./servers.ts";

describe("a guarded worker whose policy names hosts", () => {
  test("reaches an allowed port by every way there is, and another by none", async () => {
    const allowed = await greeter();
    const refused = await greeter();
    const policy = { network: [`127.0.0.1:${allowed.port}`] };
    const py = await opened({ isolation: "guarded", policy });
    const ways = ["create", "bare", "from_descriptor", "streams", "lying_family"] as const;
    for (const way of ways) {
      const name = `reach_hosts:${way}`;
      expect([way, await py.call(name, ["127.0.0.1", allowed.port])]).toEqual([way, CANARY]);
      expect([way, await py.call(name, ["127.0.0.1", refused.port])]).toEqual([
        way,
        `denied network 127.0.0.1:${refused.port}`,
      ]);
    }
    const bare = (port: number): PromiseLike<unknown> =>
      py.call("reach_hosts:bare", ["127.0.0.1", port, "connect_ex"]);
    expect(await bare(allowed.port)).toBe(CANARY);
    expect(await bare(refused.port)).toBe(`denied network 127.0.0.1:${refused.port}`);
    expect(await py.call("reach_hosts:client", ["127.0.0.1", refused.port])).toContain("denied");
    const url = `http://127.0.0.1:${refused.port}/`;
    expect(await py.call("reach_hosts:opened", [url])).toContain("denies");
    expect(await py.call("reach_hosts:requested", [url])).toContain("denies");
    expect(refused.heard).toEqual([]);
  });

  test("reaches the same host by no other notation of its address", async () => {
    const { port, heard } = await greeter();
    const py = await opened({ isolation: "guarded", policy: { network: ["127.0.0.2"] } });
    const notations = ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0", "localhost"];
    for (const host of notations) {
      expect(await py.call("reach_hosts:create", [host, port])).toContain("denied network");
    }
    expect(await py.call("reach_hosts:bare", ["", port])).toContain("denied network 0.0.0.0");
    for (const host of ["::1", "::ffff:127.0.0.1", "::"]) {
      expect(await py.call("reach_hosts:bare", [host, port, "connect", 10])).toContain("denied");
    }
    expect(heard).toEqual([]);
  });

  test("reaches what an allowed name leads to, and not what others do", async () => {
    const { port, heard } = await greeter();
    const other = await greeter();
    // A rule for localhost stands for its addresses too; this one is for the name alone.
    const policy = { network: [`*.localhost:${port}`, "example.org"] };
    const py = await opened({ isolation: "guarded", policy });
    expect(await py.call("reach_hosts:create", ["127.0.0.1", port])).toContain("denied");
    expect(await py.call("reach_hosts:resolved", ["localhost", port])).toEqual([
      "denied network localhost",
      "denied network localhost",
      "denied network localhost",
    ]);
    const [found] = await py.call<string[]>("reach_hosts:resolved", ["a.localhost", port]);
    // Not every C library knows names below localhost.
    if (found === CANARY) {
      expect(await py.call("reach_hosts:create", ["127.0.0.1", port])).toBe(CANARY);
      expect(heard.length).toBe(2);
    }
    expect(await py.call("reach_hosts:create", ["127.0.0.1", other.port])).toContain("denied");
    expect(other.heard).toEqual([]);
  });

  test("reaches this machine by name and number where localhost is named, on that port alone", async () => {
    const { port } = await greeter();
    const six = await greeter({ host: "::1" }).catch(() => undefined);
    const refused = await greeter();
    const policy = { network: [`localhost:${port}`, ...(six ? [`[::1]:${six.port}`] : [])] };
    const py = await opened({ isolation: "guarded", policy });
    expect(await py.call("reach_hosts:create", ["localhost", port])).toBe(CANARY);
    expect(await py.call("reach_hosts:create", ["LOCALHOST.", port])).toMatch(/canary|gaierror/u);
    expect(await py.call("reach_hosts:bare", ["localhost", port])).toBe(CANARY);
    expect(await py.call("reach_hosts:resolved", ["localhost", port])).toEqual([
      CANARY,
      CANARY,
      CANARY,
    ]);
    expect(await py.call("reach_hosts:streams", ["127.0.0.1", port])).toBe(CANARY);
    if (six !== undefined) {
      expect(await py.call("reach_hosts:bare", ["::1", six.port, "connect", 10])).toBe(CANARY);
    }
    const tried = py.call("reach_hosts:after_resolving", ["localhost", "127.0.0.1", refused.port]);
    expect(await tried).toEqual(["True", `denied network 127.0.0.1:${refused.port}`]);
    expect(await py.call("reach_hosts:changing", ["127.0.0.1", port, refused.port])).toEqual([
      "denied network an address that is no pair of host and port",
      "denied network an address that is no pair of host and port",
    ]);
    expect(refused.heard).toEqual([]);
  });

  test("looks up no other name, listens nowhere else and sends nothing there", async () => {
    const heard: string[] = [];
    const udp = createSocket("udp4", () => heard.push("datagram"));
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    onTestFinished(() => void udp.close());
    const { port } = udp.address();
    const py = await opened({ isolation: "guarded", policy: { network: ["127.0.0.2:*"] } });
    expect(await py.call("reach_hosts:look_up", ["canary.example.org"])).toEqual(
      new Array(4).fill("denied network canary.example.org"),
    );
    const denied = `denied network 127.0.0.1:${port}`;
    expect(await py.call("reach_hosts:datagram", ["127.0.0.1", port])).toBe(denied);
    expect(await py.call("reach_hosts:message", ["127.0.0.1", port])).toBe(denied);
    expect(await py.call("reach_hosts:served", ["0.0.0.0", 0])).toContain("denied network 0.0.0.0");
    expect(await py.call("reach_hosts:served", ["127.0.0.2", 0])).toBe("listens");
    expect(heard).toEqual([]);
  });

  test("reaches the Unix sockets of its list alone", async () => {
    const { folder } = secretFolder();
    const paths = [join(folder, "allowed"), join(folder, "refused")];
    const [allowed = "", refused = ""] = paths;
    for (const path of paths) {
      const server = createServer((socket) => socket.on("error", () => undefined).end(CANARY));
      await new Promise<void>((resolve) => server.listen({ path }, resolve));
      onTestFinished(() => void server.close());
    }
    const py = await opened({ isolation: "guarded", policy: { network: [`unix:${allowed}`] } });
    expect(await py.call("reach_hosts:unix", [allowed])).toBe(CANARY);
    expect(await py.call("reach_hosts:unix", [refused])).toBe(`denied network unix:${refused}`);
    expect(await py.call("reach_hosts:unix", ["\0abstract"])).toContain("denied network");
    expect(await py.call("reach_hosts:unix_listen")).toContain("denied network");
  });

  test("says which rule would allow what is denied, and tells of it", async () => {
    const heard: PolicyDenied[] = [];
    onTestFinished(subscribe(({ event }) => heard.push(event as PolicyDenied), ["policyDenied"]));
    const py = await opened({ isolation: "guarded", policy: { network: ["example.org:443"] } });
    const call = py.call("socket:create_connection", [["192.0.2.1", 443]]);
    await expect(call).rejects.toMatchObject({
      code: "POLICY_DENIED",
      rule: "network",
      event: "socket.connect",
      target: "192.0.2.1:443",
      message: expect.stringContaining('"192.0.2.1:443" would have to be in the list') as string,
    });
    await expect.poll(() => heard.map(({ target }) => target)).toEqual(["192.0.2.1:443"]);
  });
});

describe("rules for hosts", () => {
  test.each([
    "",
    "http://example.org",
    "example.org/path",
    "example.org:0",
    "example.org:65536",
    "example.org:https",
    "a..b",
    "*.",
    "*example.org",
    "a.*.org",
    "1.2.3",
    "1.2.3.4/33",
    "1.2.3.4/-1",
    "0x7f.1",
    "[::1",
    "[1.2.3.4]:80",
    "::1/129",
    "fe80::1%eth0",
    "unix:relative",
    "user@example.org",
    "exämple.org",
  ])("%j is none, and is refused", async (rule) => {
    const opening = openPython({
      config: false,
      isolation: "guarded",
      policy: { network: [rule] },
    });
    await expect(opening).rejects.toThrow(/policy.network must be/u);
  });
});
