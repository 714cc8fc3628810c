import { once } from "node:events";
import { fstatSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { Child } from "./child.ts";
import { describeNative, keeper } from "./core.ts";

describeNative("descriptor", (core) => {
  const keep = keeper();

  test("a region arrives over a socket as the same memory", () => {
    const [near, far] = core.socketPair();
    const sent = keep(core.createRegion(4096));
    expect(core.sendDescriptors(near, Uint8Array.of(1, 2, 3), [sent.descriptor])).toBe(3);
    const target = new Uint8Array(16);
    const received = core.receiveDescriptors(far, target, 1);
    expect(received?.byteLength).toBe(3);
    expect([...target.subarray(0, 3)]).toEqual([1, 2, 3]);
    const adopted = keep(core.adoptRegion(received?.descriptors[0] ?? -1, 4096));
    new Uint8Array(sent.view(0, 8))[5] = 77;
    expect(new Uint8Array(adopted.view(0, 8))[5]).toBe(77);
    for (const descriptor of [near, far]) core.closeDescriptor(descriptor);
  });

  test("nothing to take is no wait", () => {
    const [near, far] = core.socketPair();
    expect(core.receiveDescriptors(near, new Uint8Array(1), 1)).toBeUndefined();
    for (const descriptor of [near, far]) core.closeDescriptor(descriptor);
  });

  test("a peer that closed is the end", () => {
    const [near, far] = core.socketPair();
    core.closeDescriptor(far);
    expect(core.receiveDescriptors(near, new Uint8Array(1), 1)).toEqual({
      byteLength: 0,
      descriptors: [],
    });
    expect(() => core.sendDescriptors(near, Uint8Array.of(1), [])).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", call: "sendmsg", errno: "EPIPE" }),
    );
    core.closeDescriptor(near);
  });

  test("more descriptors than expected are closed and refused", () => {
    const [near, far] = core.socketPair();
    const region = keep(core.createRegion(4096));
    const next = core.duplicate(region.descriptor);
    core.closeDescriptor(next);
    core.sendDescriptors(near, Uint8Array.of(1), [region.descriptor, region.descriptor]);
    expect(() => core.receiveDescriptors(far, new Uint8Array(1), 1)).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", errno: "EMSGSIZE" }),
    );
    const after = core.duplicate(region.descriptor);
    expect(after).toBe(next);
    for (const descriptor of [near, far, after]) core.closeDescriptor(descriptor);
  });

  test("a copy of a descriptor is the same file and is closed alone", () => {
    const region = keep(core.createRegion(4096));
    const copy = core.duplicate(region.descriptor);
    expect(fstatSync(copy).ino).toBe(fstatSync(region.descriptor).ino);
    core.closeDescriptor(copy);
    expect(fstatSync(region.descriptor).size).toBe(4096);
    expect(() => fstatSync(copy)).toThrow("EBADF");
  });

  test("the peer of a socket is who made it", () => {
    const [near, far] = core.socketPair();
    expect(core.peerOf(near)).toEqual({
      pid: process.pid,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
    });
    for (const descriptor of [near, far]) core.closeDescriptor(descriptor);
  });

  test("the peer of an accepted connection is the process that connected", async () => {
    const server = createServer();
    const folder = mkdtempSync(join(tmpdir(), "amphis-peer-"));
    server.listen(join(folder, "socket"));
    await once(server, "listening");
    const program = `require("net").connect(process.argv[1]).resume()`;
    const child = keep(new Child([process.execPath, "-e", program, join(folder, "socket")], []));
    const [socket] = (await once(server, "connection")) as [Socket];
    // Node shows the descriptor of a socket nowhere else.
    const { fd } = Reflect.get(socket, "_handle") as { readonly fd: number };
    expect(core.peerOf(fd).pid).toBe(child.process.pid);
    socket.end();
    await child.output();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test("what is no socket has no peer", () => {
    const region = keep(core.createRegion(4096));
    expect(() => core.peerOf(region.descriptor)).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", errno: "ENOTSOCK" }),
    );
  });
});
