import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { afterAll, expect, test } from "vitest";

import { Answering, RING_BYTES } from "./answering.ts";
import { programPath, Programs } from "./child.ts";
import { describeNative, describePython, keeper } from "./core.ts";

const PATIENCE = { timeoutMs: 20_000 };

describeNative("exchange", (core) => {
  const keep = keeper();
  const programs = new Programs();
  afterAll(() => programs[Symbol.asyncDispose]());

  test("each answer of a Node child is that of its record", async () => {
    const peer = keep(
      new Answering(core, [...(await programs.node("answer")), String(RING_BYTES), "50000"]),
    );
    const { producer, consumer, liveness } = peer;
    const target = new Uint8Array(64);
    for (let index = 0; index < 20_000; index++) {
      const record = Uint8Array.of(index % 256, (index >> 8) % 256, 7);
      const wait = { ...PATIENCE, spinMs: 0.05, liveness };
      expect(core.exchange(producer, consumer, record, target, wait)).toBe(3);
      expect([target[0], target[1]]).toEqual([record[0], record[1]]);
    }
    await peer.end();
  });

  test("nothing is sent when there is no room", () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    region.createRing(1024, 64);
    const producer = keep(region.produce({ offset: 0, byteLength: 1024 }));
    const consumer = keep(region.consume({ offset: 1024, byteLength: 1024 }));
    producer.push(new Uint8Array(40));
    expect(core.exchange(producer, consumer, new Uint8Array(40), new Uint8Array(8))).toBe(
      "no-room",
    );
    expect(producer.push(new Uint8Array(12))).toBe(true);
  });

  test("an answer longer than the target is refused and stays, and so is a record longer than the ring", () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    region.createRing(1024, 64);
    const producer = keep(region.produce({ offset: 0, byteLength: 1024 }));
    const consumer = keep(region.consume({ offset: 1024, byteLength: 1024 }));
    keep(region.produce({ offset: 1024, byteLength: 1024 })).push(new Uint8Array(9));
    const exchange = (length: number, room: number): unknown =>
      core.exchange(producer, consumer, new Uint8Array(length), new Uint8Array(room));
    expect(() => exchange(1, 8)).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", actual: 9, limit: 8 }),
    );
    expect(() => exchange(61, 64)).toThrow(
      expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", actual: 61, limit: 60 }),
    );
    expect(consumer.nextLength()).toBe(9);
  });

  test("another thread ends an exchange and a wait", async () => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    region.createRing(1024, 64);
    const producer = keep(region.produce({ offset: 0, byteLength: 1024 }));
    const consumer = keep(region.consume({ offset: 1024, byteLength: 1024 }));
    const interrupt = new Int32Array(new SharedArrayBuffer(8));
    // Waits for the word at 1, which says that this thread is about to block.
    const program = `
      const { workerData: words } = require("worker_threads");
      require("worker_threads").parentPort.postMessage("ready");
      Atomics.wait(words, 1, 0);
      Atomics.store(words, 0, 1);`;
    const worker = new Worker(program, { eval: true, workerData: interrupt });
    await once(worker, "message");
    Atomics.store(interrupt, 1, 1);
    Atomics.notify(interrupt, 1);
    const options = { interrupt, ...PATIENCE };
    const target = new Uint8Array(8);
    expect(core.exchange(producer, consumer, Uint8Array.of(1), target, options)).toBe(
      "interrupted",
    );
    expect(consumer.wait(options)).toBe("interrupted");
    expect(producer.push(new Uint8Array(40))).toBe(true);
    expect(producer.wait(40, options)).toBe("interrupted");
    await once(worker, "exit");
  });

  test.each([
    ["a number for the socket", { liveness: "3" }],
    ["an array of the wrong type for the word", { interrupt: new Uint8Array(4) }],
    ["an array without a word", { interrupt: new Int32Array(0) }],
  ])("%s is a mistake of the caller", (_, wrong) => {
    const region = keep(core.createRegion(4096));
    region.createRing(0, 64);
    const consumer = keep(region.consume({ offset: 0, byteLength: 1024 }));
    expect(() => consumer.wait(wrong as never)).toThrow(TypeError);
  });
});

describePython("exchange with Python", (core, python) => {
  const keep = keeper();

  function misbehaving(how: string): Answering {
    return keep(
      new Answering(core, [python, programPath("misbehave.py"), how, String(RING_BYTES)]),
    );
  }

  test.each([
    ["that sleep", 0],
    ["that spin first", 0.05],
  ])("each answer is that of its record through sides %s", async (_, spinMs) => {
    const command = [python, programPath("answer.py"), String(RING_BYTES), String(spinMs * 1e6)];
    const peer = keep(new Answering(core, command));
    const { producer, consumer, liveness } = peer;
    const target = new Uint8Array(64);
    for (let index = 0; index < 5_000; index++) {
      const record = Uint8Array.of(index % 256, (index >> 8) % 256, 7);
      const wait = { ...PATIENCE, spinMs, liveness };
      expect(core.exchange(producer, consumer, record, target, wait)).toBe(3);
      expect([target[0], target[1]]).toEqual([record[0], record[1]]);
    }
    await peer.end();
  });

  test.each(["die", "hang-up"])("a peer that does %s is gone", (how) => {
    const { producer, consumer, liveness } = misbehaving(how);
    const wait = { ...PATIENCE, liveness };
    const target = new Uint8Array(8);
    expect(core.exchange(producer, consumer, Uint8Array.of(1), target, wait)).toBe("peer-gone");
    expect(consumer.wait(wait)).toBe("peer-gone");
  });

  test("a producer that waits for room hears that its peer is gone", () => {
    const { producer, liveness } = misbehaving("die");
    producer.push(Uint8Array.of(1));
    let outcome: string = "ready";
    while (outcome === "ready") {
      while (producer.push(new Uint8Array(1000)));
      outcome = producer.wait(1000, { ...PATIENCE, liveness });
    }
    expect(outcome).toBe("peer-gone");
  });

  test("what a peer answered before its death is still taken", async () => {
    const { producer, consumer, liveness, child } = misbehaving("answer-and-die");
    producer.push(Uint8Array.of(5));
    await once(child.process, "exit");
    const target = new Uint8Array(8);
    const wait = { ...PATIENCE, liveness };
    expect(consumer.wait(wait)).toBe("ready");
    expect([consumer.take(target), target[0]]).toEqual([1, 5]);
    expect(consumer.wait(wait)).toBe("peer-gone");
  });

  test("a signal does not end an exchange and is served afterwards", async () => {
    const { producer, consumer, liveness } = misbehaving("signal");
    const heard = once(process, "SIGUSR2");
    const wait = { ...PATIENCE, liveness };
    const target = new Uint8Array(8);
    expect(core.exchange(producer, consumer, Uint8Array.of(6), target, wait)).toBe(1);
    await heard;
  });

  test("an answer after the timeout is taken later", async () => {
    const { producer, consumer, liveness, child } = misbehaving("silent");
    const target = new Uint8Array(8);
    const wait = { timeoutMs: 5, liveness };
    expect(core.exchange(producer, consumer, Uint8Array.of(8), target, wait)).toBe("timeout");
    expect(producer.push(Uint8Array.of(9))).toBe(true);
    expect(consumer.wait({ ...PATIENCE, liveness })).toBe("ready");
    expect([consumer.take(target), target[0]]).toEqual([1, 8]);
    await child.output();
  });
});
