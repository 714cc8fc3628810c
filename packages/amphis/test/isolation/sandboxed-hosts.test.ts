import { existsSync, readFileSync } from "node:fs";

import { openPython } from "amphis";
import { describe, expect, onTestFinished, test } from "vitest";

import { type PolicyDenied, subscribe } from "../../src/telemetry/index.ts";
import { CANARY, opened, whyNoSandbox } from "./opened.ts";
import { greeter, webServer } from "./servers.ts";

function parentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^PPid:\s+(\d+)$/mu.exec(status)?.[1]);
}

const why = await whyNoSandbox();
/** What the audit hook could stop is granted: what is left is what the kernel and the proxy stop. */
const C_CODE = { ctypes: true, introspection: true } as const;

if (why !== undefined) {
  test("a sandboxed worker whose policy names hosts", ({ skip }) => skip(why));
} else {
  describe("a sandboxed worker whose policy names hosts", () => {
    test("reaches them through its proxy, by requests, urllib and tunnels", async () => {
      const web = await webServer();
      const tcp = await greeter();
      const network = [`localhost:${web.port}`, `127.0.0.1:${tcp.port}`];
      const py = await opened({ isolation: "sandboxed", policy: { network } });
      const url = `http://localhost:${web.port}/a?b=1`;
      expect(await py.call("reach_hosts:requested", [url])).toBe(`200 ${CANARY} GET /a?b=1 0`);
      expect(await py.call("reach_hosts:requested", [url, "x".repeat(100_000)])).toBe(
        `200 ${CANARY} POST /a?b=1 100000`,
      );
      expect(await py.call("reach_hosts:streamed", [url, 50])).toBe(`${CANARY} POST /a?b=1 50000`);
      expect(await py.call("reach_hosts:opened", [url])).toBe(`${CANARY} GET /a?b=1 0`);
      expect(await py.call("reach_hosts:tunnelled", ["127.0.0.1", tcp.port])).toBe(CANARY);
    });

    test("reaches no other port, nothing past the proxy, and nothing by C code", async () => {
      const web = await webServer();
      const other = await greeter();
      const network = [`localhost:${web.port}`];
      const py = await opened({ isolation: "sandboxed", policy: { ...C_CODE, network } });
      const url = `http://localhost:${other.port}/`;
      expect(await py.call("reach_hosts:requested", [url])).toContain(
        `localhost:${other.port} is not in the list of hosts`,
      );
      expect(await py.call("reach_hosts:tunnelled", ["127.0.0.1", other.port])).toMatch(
        / 403 127\.0\.0\.1:\d+ is not in the list/u,
      );
      const past = await py.call("reach_hosts:create", ["127.0.0.1", web.port]);
      expect(past).toBe(`denied network 127.0.0.1:${web.port}`);
      expect(await py.call("escape:tcp_raw", [web.port])).toBe("ECONNREFUSED");
      expect(await py.call("escape:tcp_raw", [other.port])).toBe("ECONNREFUSED");
      expect(await py.call("reach_hosts:look_up", ["localhost"])).toContain(
        "denied network localhost",
      );
      expect([web.heard, other.heard]).toEqual([[], []]);
    });

    test("tells of what its proxy refuses", async () => {
      const heard: PolicyDenied[] = [];
      onTestFinished(subscribe(({ event }) => heard.push(event as PolicyDenied), ["policyDenied"]));
      const policy = { network: ["example.org:443"] };
      const py = await opened({ isolation: "sandboxed", policy });
      const asked = py.call("reach_hosts:tunnelled", ["canary.example.com", 443]);
      expect(await asked).toContain('add "canary.example.com:443"');
      await expect
        .poll(() => heard.at(0))
        .toMatchObject({
          pool: "default",
          worker: 0,
          rule: "network",
          event: "proxy.connect",
          target: "canary.example.com:443",
          count: 1,
        });
    });

    test("has its way out again when its warden was replaced, and from every worker", async () => {
      const { port } = await greeter();
      const policy = { network: [`127.0.0.1:${port}`] };
      const py = await opened({ isolation: "sandboxed", policy, workers: 2, minWorkers: 2 });
      const reach = (): Promise<unknown> =>
        Promise.resolve(
          py.call("reach_hosts:tunnelled", ["127.0.0.1", port], { idempotent: true }),
        );
      expect(await Promise.all([reach(), reach(), reach()])).toEqual([CANARY, CANARY, CANARY]);
      const pid = py.status().pools["default"]?.workers[0]?.pid ?? 0;
      // The keeper is between them.
      process.kill(parentOf(parentOf(pid)), "SIGKILL");
      await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
      expect(await reach()).toBe(CANARY);
    });

    test("reaches them while this thread is blocked by the call that waits for it", async () => {
      const open = await opened({});
      const port = await open.call<number>("reach_hosts:greet");
      const policy = { network: [`127.0.0.1:${port}`] };
      const py = await opened({ isolation: "sandboxed", policy });
      expect(py.sync.call("reach_hosts:tunnelled", ["127.0.0.1", port])).toBe(CANARY);
    });

    test("is refused where a Unix socket is named, which no proxy leads to", async () => {
      const policy = { network: ["unix:/run/service.sock"] };
      const opening = openPython({ config: false, isolation: "sandboxed", policy });
      await expect(opening).rejects.toMatchObject({ code: "ISOLATION_UNSUPPORTED" });
    });
  });
}
