import { closeSync, fstatSync, openSync, readFileSync, unlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { Child, programPath, Programs } from "./child.ts";
import { describeNative, describePython, keeper } from "./core.ts";

const PAGE = 4096;
const MIB = 1024 * 1024;

describeNative("region", (core) => {
  const keep = keeper();
  const programs = new Programs();
  let increment: string[];
  beforeAll(async () => {
    increment = await programs.node("increment");
  });
  afterAll(() => programs[Symbol.asyncDispose]());

  test("a view shows what another Node process writes", async () => {
    const region = keep(core.createRegion(2 * PAGE));
    const bytes = new Uint8Array(region.view(0, region.byteLength));
    bytes[0] = 41;
    bytes[2 * PAGE - 1] = 6;
    const child = keep(new Child([...increment, String(region.byteLength)], [region.descriptor]));
    expect(await child.output()).toBe("done");
    expect([bytes[0], bytes[1], bytes[2 * PAGE - 1]]).toEqual([42, 1, 7]);
  });

  test("two views of one span are the same bytes", () => {
    const region = keep(core.createRegion(PAGE));
    const first = new Uint8Array(region.view(128, 64));
    const second = new Uint8Array(region.view(0, PAGE));
    first[3] = 9;
    expect(second[131]).toBe(9);
  });

  test.each([
    ["little", 5, 3],
    ["nothing", 0, 3],
    ["much, from anywhere", 4 * MIB + 77, 4_001],
  ])("what is written is there, and nothing beside it: %s", (_, length, offset) => {
    const region = keep(core.createRegion(8 * MIB));
    const bytes = new Uint8Array(length + 13).map((_byte, index) => (index * 7) % 251);
    const source = bytes.subarray(13);
    const view = new Uint8Array(region.view(0, region.byteLength)).fill(255, 0, PAGE * 2);
    region.write(offset, source);
    const written = view.subarray(offset, offset + length);
    expect(Buffer.compare(written, source)).toBe(0);
    expect([view[offset - 1], view[offset + length]]).toEqual([255, length < PAGE ? 255 : 0]);
  });

  test("a write beyond the region is refused, and writes nothing", () => {
    const region = keep(core.createRegion(PAGE));
    expect(() => region.write(PAGE - 1, Uint8Array.of(1, 2))).toThrow(RangeError);
    expect(() => region.write(2 ** 52, Uint8Array.of(1))).toThrow(RangeError);
    expect(() => region.write(-1, Uint8Array.of(1))).toThrow(TypeError);
    expect(new Uint8Array(region.view(0, PAGE)).every((byte) => byte === 0)).toBe(true);
    region.close();
    expect(() => region.write(0, Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: "NATIVE_CLOSED" }),
    );
  });

  test("a view beyond the region is refused", () => {
    const region = keep(core.createRegion(PAGE));
    expect(() => region.view(1, PAGE)).toThrow(RangeError);
    expect(() => region.view(2 ** 52, 1)).toThrow(RangeError);
    expect(() => region.view(-1, 1)).toThrow(TypeError);
    expect(() => region.view(0, 2 ** 32)).toThrow(RangeError);
  });

  test("a region larger than one view is seen through several", () => {
    const region = keep(core.createRegion(2 ** 33));
    const last = new Uint8Array(region.view(2 ** 33 - PAGE, PAGE));
    last[PAGE - 1] = 1;
    expect(region.view(0, 0xffff_ffff).byteLength).toBe(0xffff_ffff);
  });

  test("typed arrays over a detached view have no bytes", () => {
    const region = keep(core.createRegion(PAGE));
    const view = region.view(0, PAGE);
    const bytes = new Uint8Array(view);
    region.detach(view);
    expect([view.byteLength, bytes.length, bytes[0]]).toEqual([0, 0, undefined]);
  });

  test("a view stays valid after its region is closed, and its memory goes with it", async () => {
    const region = core.createRegion(64 * MIB);
    const view = region.view(0, 64 * MIB);
    const inode = String(fstatSync(region.descriptor).ino);
    region.close();
    new Uint8Array(view)[64 * MIB - 1] = 7;
    expect(new Uint8Array(view)[64 * MIB - 1]).toBe(7);
    expect(mappedInodes().includes(inode)).toBe(true);
    region.detach(view);
    while (mappedInodes().includes(inode)) await setImmediate();
    expect(() => region.view(0, 1)).toThrow(expect.objectContaining({ code: "NATIVE_CLOSED" }));
  });

  test("a punched hole gives its pages back and reads as zeros", () => {
    const region = keep(core.createRegion(4 * MIB));
    const bytes = new Uint8Array(region.view(0, 4 * MIB)).fill(1);
    expect(fstatSync(region.descriptor).blocks * 512).toBe(4 * MIB);
    region.punchHole(MIB, 2 * MIB);
    expect(fstatSync(region.descriptor).blocks * 512).toBe(2 * MIB);
    expect([bytes[MIB - 1], bytes[MIB], bytes[3 * MIB - 1], bytes[3 * MIB]]).toEqual([1, 0, 0, 1]);
  });

  test("a region cannot be resized by whoever has its descriptor", async () => {
    const region = keep(core.createRegion(PAGE));
    const program = `require("fs").ftruncateSync(3, Number(process.argv[1]))`;
    for (const size of [0, 2 * PAGE]) {
      const command = [
        process.execPath,
        "-e",
        `try { ${program} } catch (e) { console.log(e.code) }`,
      ];
      const child = keep(new Child([...command, String(size)], [region.descriptor]));
      expect((await child.output()).trim()).toBe("EPERM");
    }
  });

  test("descriptors are not passed to a program that was not given them", async () => {
    const region = keep(core.createRegion(PAGE));
    const pair = core.socketPair();
    const copy = core.duplicate(region.descriptor);
    const list = `console.log(require("fs").readdirSync("/proc/self/fd").map((fd) => { try { return require("fs").readlinkSync("/proc/self/fd/" + fd) } catch { return "" } }).join())`;
    const child = keep(new Child([process.execPath, "-e", list], []));
    const open = await child.output();
    expect(open).toContain("pipe:");
    expect(open).not.toContain("memfd:amphis");
    for (const descriptor of [...pair, copy]) core.closeDescriptor(descriptor);
  });

  test("a file is refused as memory", () => {
    const file = openSync(programPath("increment.py"), "r");
    expect(() => core.adoptRegion(file, 1)).toThrow(
      expect.objectContaining({ code: "MEMORY_REFUSED", reason: "not-memory" }),
    );
    closeSync(file);
  });

  test("a file of the system's shared memory is refused, as it can be truncated", () => {
    const path = `/dev/shm/amphis-test-${process.pid}`;
    const file = openSync(path, "w+");
    unlinkSync(path);
    expect(() => core.adoptRegion(file, 1)).toThrow(
      expect.objectContaining({ code: "MEMORY_REFUSED", reason: "unsealed" }),
    );
    closeSync(file);
  });

  test("a descriptor that is not open is an error of the system", () => {
    expect(() => core.adoptRegion(-1, 1)).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", call: "fstatfs", errno: "EBADF" }),
    );
  });

  test("huge pages may be asked for", () => {
    expect(keep(core.createRegion(4 * MIB)).adviseHugePages()).toBe(true);
  });
});

describePython("region with Python", (core, python) => {
  const keep = keeper();

  test("a view shows what a Python process writes", async () => {
    const region = keep(core.createRegion(2 * PAGE));
    const bytes = new Uint8Array(region.view(0, region.byteLength));
    bytes[PAGE] = 41;
    const command = [python, programPath("increment.py"), String(region.byteLength)];
    expect(await keep(new Child(command, [region.descriptor])).output()).toBe("done");
    expect([bytes[0], bytes[PAGE]]).toEqual([1, 42]);
  });

  test("memory that a peer could shrink, is too small or has huge pages is refused", async () => {
    const [mine, theirs] = core.socketPair();
    const child = keep(new Child([python, programPath("forge.py")], [theirs]));
    await child.output();
    const received = core.receiveDescriptors(mine, new Uint8Array(8), 4);
    const refusals = received?.descriptors.map((descriptor) => {
      try {
        keep(core.adoptRegion(descriptor, 8192));
        return "adopted";
      } catch (error) {
        core.closeDescriptor(descriptor);
        return error;
      }
    });
    expect(refusals).toEqual(
      ["unsealed", "too-small", "huge-pages", "not-memory"].map((reason) =>
        expect.objectContaining({ code: "MEMORY_REFUSED", reason }),
      ),
    );
    for (const descriptor of [mine, theirs]) core.closeDescriptor(descriptor);
  });
});

function mappedInodes(): string[] {
  const maps = readFileSync("/proc/self/maps", "utf8").trim().split("\n");
  return maps
    .filter((line) => line.includes("memfd:amphis"))
    .map((line) => line.split(/ +/u)[4] ?? "");
}
