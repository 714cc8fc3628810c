import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { afterAll, expect, test } from "vitest";

import { Child, Programs } from "./child.ts";
import { buildFolder } from "../src/place.ts";
import { describeNative, keeper } from "./core.ts";

describeNative("doorbell", (core) => {
  const keep = keeper();
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());

  test("a ring wakes the event loop, and rings that come together are heard once", async () => {
    let heard = 0;
    const { promise, resolve } = deferred();
    const bell = keep(
      core.openDoorbell(() => {
        heard += 1;
        resolve();
      }),
    );
    core.ringDoorbell(bell.descriptor);
    core.ringDoorbell(bell.descriptor);
    await promise;
    await new Promise((settle) => setImmediate(settle));
    expect(heard).toBe(1);
  });

  test("another process rings it", async () => {
    const { promise, resolve } = deferred();
    const bell = keep(core.openDoorbell(resolve));
    const program = `require("fs").writeSync(3, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]))`;
    const child = keep(new Child([process.execPath, "-e", program], [bell.descriptor]));
    await Promise.all([promise, child.output()]);
  });

  test("a peer that has one end of a pair cannot block the other", async () => {
    const { hears, rings } = core.createDoorbellPair();
    const program = `
      const fs = require("fs");
      const full = fs.openSync("/proc/self/fd/3", fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      try { for (;;) fs.writeSync(full, new Uint8Array(4096)); } catch (error) { console.log(error.code); }
      process.stdin.resume();`;
    const child = keep(new Child([process.execPath, "-e", program], [hears]));
    if (child.process.stdout !== null) await once(child.process.stdout, "data");
    for (let index = 0; index < 100_000; index++) core.ringDoorbell(rings);
    child.process.stdin?.end();
    expect((await child.output()).trim()).toBe("EAGAIN");
    for (const descriptor of [hears, rings]) core.closeDescriptor(descriptor);
  });

  test("a closed doorbell is not heard any more", async () => {
    let heard = 0;
    const bell = core.openDoorbell(() => (heard += 1));
    const copy = core.duplicate(bell.descriptor);
    core.ringDoorbell(copy);
    bell.close();
    bell.close();
    await new Promise((settle) => setImmediate(settle));
    core.closeDescriptor(copy);
    expect(heard).toBe(0);
    expect(() => bell.unref()).toThrow(expect.objectContaining({ code: "NATIVE_CLOSED" }));
  });

  test("a watch calls when bytes come over a socket", async () => {
    const [near, far] = core.socketPair();
    const { promise, resolve } = deferred();
    const watch = core.watch(near, resolve);
    core.sendDescriptors(far, Uint8Array.of(5), []);
    await promise;
    const target = new Uint8Array(4);
    expect(core.receiveDescriptors(near, target, 0)?.byteLength).toBe(1);
    expect(target[0]).toBe(5);
    watch.close();
    for (const descriptor of [near, far]) core.closeDescriptor(descriptor);
  });

  test("a file cannot be watched", () => {
    const region = keep(core.createRegion(4096));
    expect(() => core.watch(region.descriptor, () => undefined)).toThrow(
      expect.objectContaining({ code: "NATIVE_CALL_FAILED", call: "uv_poll_init", errno: "EPERM" }),
    );
  });

  test("an unref'd doorbell does not keep its process alive", async () => {
    const program = await programs.node("doorbell");
    expect(await keep(new Child([...program, "unref"], [])).output()).toBe(" end");
    expect(await keep(new Child([...program, "ref"], [])).output()).toBe("alive end");
  });

  test("an error of the listener ends the process as any uncaught one", async () => {
    const addon = JSON.stringify(`${buildFolder()}amphis.node`);
    const program = `
      const core = require(${addon});
      process.on("uncaughtException", (error) => { console.log(error.message); process.exit(0); });
      const pair = new Int32Array(2);
      core.doorbellCreate(pair);
      core.watchOpen(pair[0], true, () => { throw new Error("from the listener"); });
      core.doorbellRing(pair[1]);`;
    const child = keep(new Child([process.execPath, "-e", program], []));
    expect((await child.output()).trim()).toBe("from the listener");
  });

  test("a thread may end with doorbells, views and regions open", async () => {
    const addon = JSON.stringify(`${buildFolder()}amphis.node`);
    const program = `
      const core = require(${addon});
      const pair = new Int32Array(2);
      core.doorbellCreate(pair);
      core.watchOpen(pair[0], true, () => undefined);
      const region = core.regionCreate(1 << 20);
      globalThis.view = core.regionView(region, 0, 1 << 20);
      core.ringCreate(region, 0, 4096, 1024);
      core.ringAttach(region, 0, 4096, true, -1);
      require("worker_threads").parentPort.postMessage("open");`;
    const worker = new Worker(program, { eval: true });
    await once(worker, "message");
    expect(await worker.terminate()).toBe(1);
  });
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
