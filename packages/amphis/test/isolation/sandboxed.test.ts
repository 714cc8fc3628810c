import { createSocket } from "node:dgram";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import type { Python } from "amphis";
import { describe, expect, onTestFinished, test } from "vitest";

import { findPython, isolationSupport } from "../../src/worker/index.ts";
import { CANARY, opened, ruleOf, secretFolder, whyNoSandbox } from "./opened.ts";
import { sharedSandbox } from "./shared.ts";

const why = await whyNoSandbox();
/** What the audit hook could stop is granted: what is left is what the kernel stops. */
const C_CODE = { ctypes: true, code: true, pickle: true, introspection: true } as const;
const NOWHERE = expect.stringMatching(/^(?:ENOENT|EACCES|EPERM|EROFS|ENOTDIR)$/u) as string;
const shared = sharedSandbox(C_CODE);
const X64 = process.arch === "x64";

const sandboxed = (policy: object = C_CODE, options: object = {}): Promise<Python> =>
  opened({ isolation: "sandboxed", policy, ...options });

if (why !== undefined) {
  test("a sandboxed worker", ({ skip }) => skip(why));
} else {
  describe("a sandboxed worker", () => {
    test("works with libraries, files of its own, threads and callbacks", async () => {
      const py = await sandboxed({});
      expect(await py.call("numpy.linalg:norm", [[3, 4]])).toBe(5);
      expect(await py.call("escape:temporary")).toBe("here");
      expect(await py.call("escape:home")).toBe("escaped");
      expect(await py.call("builtins:max", [[1, 3, 2]])).toBe(3);
      const big = new Float64Array(1 << 17).fill(1);
      expect(await py.call("numpy:sum", [big])).toBe(1 << 17);
      expect(py.status().pools["default"]?.workers[0]).toMatchObject({ guard: "native" });
    });

    test("denies by the audit hook what a guarded one does, with the same errors", async () => {
      const py = await sandboxed({});
      expect(await ruleOf(py.call("os:system", ["true"]))).toBe("processes");
      expect(await ruleOf(py.call("escape:read", ["/srv/secret"]))).toBe("files.read");
      expect(await ruleOf(py.call("escape:write", ["/etc/escaped"]))).toBe("files.write");
      expect(await ruleOf(py.call("escape:tcp", ["127.0.0.1", 9]))).toBe("network");
    });

    test("reads and writes nothing outside, by C code, links, .. and races either", async () => {
      const py = await sandboxed();
      const { folder, secret } = secretFolder();
      const canary = join(folder, "canary");
      expect(await py.call("escape:read_raw", [secret])).toEqual(NOWHERE);
      expect(await py.call("escape:read_raw", [`/tmp/../${secret}`])).toEqual(NOWHERE);
      expect(await py.call("escape:read_raw", ["/etc/shadow"])).toEqual(NOWHERE);
      expect(await py.call("escape:write_raw", [canary])).toEqual(NOWHERE);
      expect(await py.call("escape:write_raw", ["/usr/escaped"])).toEqual(NOWHERE);
      expect(await py.call("escape:write_raw", ["/escaped"])).toEqual(NOWHERE);
      expect(await py.call("escape:link_and_read_raw", ["/tmp/link", secret])).toEqual(NOWHERE);
      await py.call("escape:write", ["/tmp/inside"]);
      const raced = await py.call("escape:race", ["/tmp/raced", "/tmp/inside", secret, 500]);
      expect(raced).not.toContain(CANARY);
      expect(raced).toContain("escaped");
      expect(existsSync(canary)).toBe(false);
    });

    test("reads and writes what its policy names, and what is beside it not", async () => {
      const { folder, secret } = secretFolder();
      const out = secretFolder();
      const files = { read: [secret], write: [out.folder] };
      const py = await sandboxed({ ...C_CODE, files });
      expect(await py.call("escape:read_raw", [secret])).toBe(CANARY);
      expect(await py.call("escape:write_raw", [secret])).toEqual(NOWHERE);
      // There is a folder of this name in the sandbox too, in its own memory.
      await py.call("escape:write_raw", [join(folder, "new")]);
      expect(existsSync(join(folder, "new"))).toBe(false);
      expect(await py.call("escape:write_raw", [join(out.folder, "new")])).toBe("written");
      expect(readFileSync(join(out.folder, "new"), "utf8")).toBe("escaped");
    });

    test("reaches no network: neither TCP, UDP nor Unix sockets, nor abstract ones", async () => {
      const { tcp, udp, path, abstract, heard, open } = await listeners();
      expect(await open.call("escape:tcp_raw", [tcp])).toBe(CANARY);
      expect(await open.call("escape:unix_raw", [path])).toBe("connected");
      expect(await open.call("escape:unix_raw", [abstract])).toBe("connected");
      await expect.poll(() => heard).toHaveLength(2);

      const py = await sandboxed();
      expect(await py.call("escape:tcp_raw", [tcp])).toMatch(/^E(?:CONNREFUSED|NETUNREACH)$/u);
      expect(await py.call("escape:unix_raw", [path])).toEqual(NOWHERE);
      expect(await py.call("escape:unix_raw", [abstract])).toMatch(/^E(?:CONNREFUSED|PERM)$/u);
      expect(await ruleOf(py.call("escape:udp", [udp]))).toBe("network");
      // Of virtual machines and of the kernel's own kind.
      for (const family of [40, 17, 38]) {
        expect(await py.call("escape:family", [family])).toBe("EAFNOSUPPORT");
      }
      expect(heard).toHaveLength(2);
    });

    test("reaches the network that is granted, and still no Unix socket", async ({ skip }) => {
      const { tcp, path, abstract } = await listeners();
      const opening = sandboxed({ ...C_CODE, network: true });
      const py = await opening.catch((error: Error) => skip(error.message));
      expect(await py.call("escape:tcp", ["127.0.0.1", tcp])).toBe(CANARY);
      expect(await py.call("escape:unix_raw", [path])).toEqual(NOWHERE);
      expect(await py.call("escape:unix_raw", [abstract])).toBe("EPERM");
    });

    test("starts no process, by C code either, and so no bomb of them", async () => {
      const py = await sandboxed();
      expect(await py.call("escape:fork_raw")).toBe("EPERM");
      expect(await py.call("escape:exec_raw")).toBe("EPERM");
      expect(await py.call("escape:fork_bomb")).toBe(0);
      const bare = [X64 ? 57 : 220, X64 ? 56 : 220] as const;
      for (const number of bare) {
        expect(await py.call("escape:call", [number, 17, 0, 0, 0, 0])).toBe("EPERM");
      }
      // Threads are no processes.
      expect(await py.call("escape:system_from_thread", ["true"])).toEqual(["PolicyDenied"]);
    });

    test("that may start processes is still the only one to see and to suffer them", async () => {
      const py = await sandboxed({ ...C_CODE, processes: true });
      expect(await py.call("os:system", ["true"])).toBe(0);
      expect(await py.call("escape:popen", [["echo", "hi"]])).toBe("hi\n");
      const seen = await py.call<number[]>("escape:processes");
      expect(Math.max(...seen)).toBeLessThan(100);
    });

    test("sees and signals no process outside, and reads none's memory", async () => {
      const py = await sandboxed();
      expect(await py.call("escape:processes")).not.toContain(process.pid);
      expect(await py.call("escape:kill_raw", [process.pid])).toMatch(/^E(?:SRCH|PERM)$/u);
      expect(await py.call("escape:memory_of", [process.pid])).toEqual(NOWHERE);
      expect(await py.call("escape:environment", ["HOME"])).toBe("/home/worker");
    });

    test("reaches neither its keeper, nor the warden, nor other workers of its pool", async ({
      skip,
    }) => {
      const { landlock } = await isolationSupport({ python: (await findPython()).path });
      if (landlock < 6) skip(`Landlock ${landlock} keeps no signals apart, 6 does`);
      const py = await sandboxed(C_CODE, { workers: 2, minWorkers: 2 });
      await using session = await py.session();
      const own = await session.call<number>("os:getpid");
      const others = (await session.call<number[]>("escape:processes")).filter(
        (each) => each !== own,
      );
      // The sandbox, the warden, two keepers, the other worker, and a spare.
      expect(others.length).toBeGreaterThan(4);
      for (const each of others) {
        expect(await session.call("escape:memory_of", [each])).toMatch(/^E/u);
        expect(await session.call("escape:kill_raw", [each])).toBe("EPERM");
      }
    });

    test.each<readonly [string, number, number]>([
      ["ptrace", 101, 117],
      ["process_vm_readv", 310, 270],
      ["process_vm_writev", 311, 271],
      ["mount", 165, 40],
      ["umount2", 166, 39],
      ["pivot_root", 155, 41],
      ["chroot", 161, 51],
      ["unshare", 272, 97],
      ["setns", 308, 268],
      ["bpf", 321, 280],
      ["userfaultfd", 323, 282],
      ["perf_event_open", 298, 241],
      ["io_uring_setup", 425, 425],
      ["keyctl", 250, 219],
      ["add_key", 248, 217],
      ["kexec_load", 246, 104],
      ["finit_module", 313, 273],
      ["personality", 135, 92],
      ["open_by_handle_at", 304, 265],
      ["pidfd_getfd", 438, 438],
      ["fsopen", 430, 430],
      ["move_mount", 429, 429],
    ])("may not call %s", async (_, x64, arm64) => {
      const py = await shared();
      // An argument that each would find fault with in another way.
      expect(await py.call("escape:call", [X64 ? x64 : arm64, 0x1000_0000, 0, 0, 0])).toBe("EPERM");
    });

    test("types into no terminal", async () => {
      const py = await shared();
      expect(await py.call("escape:push_input")).toBe("EPERM");
    });

    test("has no descriptors but what joins it to its program, and reopens none", async () => {
      const py = await shared();
      const links = await py.call<Record<string, string>>("escape:descriptors");
      const kinds = Object.values(links).map((link) => link.replace(/:.*|\(.*| .*/u, ""));
      // Sockets, pipes, shared memory of its own channel, and what Python itself opened.
      const known = /^(?:socket|pipe|anon_inode|\/memfd|\/dev\/null|\/proc\/\d+\/fd)$/u;
      expect(kinds.filter((kind) => !known.test(kind))).toEqual([]);
      expect(await py.call("escape:reopen_all")).toEqual([]);
    });

    test("has no part of the memory that other workers are lent", async () => {
      const py = await opened({
        isolation: "none",
        pools: { closed: { isolation: "sandboxed", policy: C_CODE } },
      });
      expect(py.memory).toBeDefined();
      const big = new Float64Array(1 << 20).fill(2);
      expect(await py.call("numpy:sum", [big])).toBe(2 << 20);
      expect(await py.call("numpy:sum", [big], { pool: "closed" })).toBe(2 << 20);
      const links = await py.call<object>("escape:descriptors", [], { pool: "closed" });
      expect(JSON.stringify(links)).not.toContain("amphis-arena");
      const maps = await py.call<string>("escape:read", ["/proc/self/maps"], { pool: "closed" });
      expect(maps).not.toContain("amphis-arena");
    });

    test("that takes too much memory ends alone, and so does a full temporary folder", async () => {
      const limits = { memoryBytes: 256 << 20 };
      const py = await sandboxed(C_CODE, { limits });
      await expect(py.call("escape:memory_bomb")).rejects.toMatchObject({
        code: expect.stringMatching(/^PYTHON_OUT_OF_MEMORY|PYTHON_|WORKER_CRASHED/u) as string,
      });
      const [how, bytes] = await py.call<[string, number]>("escape:fill_temporary");
      expect(how).toBe("ENOSPC");
      expect(bytes).toBeLessThanOrEqual(256 << 20);
      expect(await py.call("math:sqrt", [4])).toBe(2);
    });

    test("that dies is replaced, with the signal and the process that it had out here", async () => {
      const py = await sandboxed(C_CODE);
      const pid = py.status().pools["default"]?.workers[0]?.pid ?? 0;
      expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^NSpid:\s+\d+\s+\d+/mu);
      await expect(py.call("os:abort")).rejects.toMatchObject({
        code: "WORKER_CRASHED",
        signal: "SIGABRT",
        pid,
      });
      expect(await py.call("math:sqrt", [4])).toBe(2);
    });

    test("leaves nothing behind when it is closed", async () => {
      const py = await sandboxed(C_CODE);
      const pid = py.status().pools["default"]?.workers[0]?.pid ?? 0;
      await py.close();
      await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    });
  });
}

interface Listeners {
  readonly tcp: number;
  readonly udp: number;
  readonly path: string;
  /** As `escape.py` writes it, with @ in front. */
  readonly abstract: string;
  /** A worker outside, which listens there. */
  readonly open: Python;
  /** Who came to this process. */
  readonly heard: readonly string[];
}

/** Servers of this process, each of which greets with the canary. */
async function listeners(): Promise<Listeners> {
  const heard: string[] = [];
  const path = join(secretFolder().folder, "socket");
  const abstract = `amphis-${process.pid}-${Math.random()}`;
  const ports: number[] = [];
  for (const where of [{ port: 0, host: "127.0.0.1" }, { path }]) {
    const server = createServer((socket) => {
      heard.push("connection");
      socket.on("error", () => undefined).end(CANARY);
    });
    await new Promise<void>((resolve) => server.listen(where, resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    ports.push(typeof address === "object" && address !== null ? address.port : 0);
  }
  const udp = createSocket("udp4", () => heard.push("datagram"));
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void udp.close());
  const open = await opened({});
  await open.call("escape:listen_abstract", [abstract]);
  const [tcp = 0] = ports;
  return { tcp, udp: udp.address().port, path, abstract: `@${abstract}`, open, heard };
}
