import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import {
  decodeErrorBody,
  decodeResult,
  encodeCall,
  type Frame,
  type Value,
} from "@amphis/protocol";
import { expect, test } from "vitest";

import { describeGuest } from "../../../test/guest/described.ts";
import { type GuestProcess, startGuestProcess } from "../../../test/guest/guest-process.ts";
import type { SharedMemory } from "../../memory/index.ts";
import type { Connection } from "../transport.ts";

const WATCHDOG_MS = 20_000;

/** A Python process, and a caller that has nothing but `pump`: nothing here waits for a promise once it is started. */
class Blocking {
  readonly connection: Connection;
  readonly memory: SharedMemory;
  readonly process: ChildProcess;
  readonly taken: Frame[] = [];
  onFrame: (frame: Frame) => void | Promise<void> = () => undefined;
  #calls = 0;

  private constructor({ connection, memory, process }: GuestProcess) {
    this.connection = connection;
    this.memory = memory;
    this.process = process;
    connection.receive((frame) => {
      this.taken.push(frame);
      return this.onFrame(frame);
    });
  }

  static async start(ringBytes?: number): Promise<Blocking> {
    return new Blocking(await startGuestProcess({ ringBytes }));
  }

  send(name: string, ...args: readonly Value[]): number {
    const callId = (this.#calls += 1);
    const call = { function: `work:${name}`, args, kwargs: {}, options: {} };
    void this.connection.send({ kind: "call", callId, body: encodeCall(call) });
    return callId;
  }

  /** Blocks for the answer to a call. */
  answer(callId: number): Value {
    const deadline = performance.now() + WATCHDOG_MS;
    for (;;) {
      const frame = this.taken.find((each) => each.callId === callId);
      if (frame?.kind === "error") throw decodeErrorBody(frame.body);
      if (frame !== undefined) return decodeResult(frame.body).value;
      if (performance.now() > deadline) throw new Error("Cannot go on: no answer came");
      this.pump(1_000);
    }
  }

  pump(timeoutMs: number): boolean {
    return this.connection.pump?.(timeoutMs) ?? false;
  }
}

describeGuest("a connection that is pumped", () => {
  test("answers a thousand calls one after the other without the event loop", async () => {
    const guest = await Blocking.start();
    let turns = 0;
    setImmediate(() => (turns += 1));
    for (let call = 0; call < 1_000; call += 1) {
      expect(guest.answer(guest.send("echo", call))).toBe(call);
    }
    expect(turns).toBe(0);
  });

  test("sends what its receiver sends, from within the receiver", async () => {
    const guest = await Blocking.start();
    let last = 0;
    guest.onFrame = () => {
      if (guest.taken.length < 100) last = guest.send("echo", guest.taken.length);
    };
    last = guest.send("echo", 0);
    while (guest.taken.length < 100) guest.pump(WATCHDOG_MS);
    expect(guest.answer(last)).toBe(99);
    expect(guest.taken.map(({ callId }) => callId)).toEqual(
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
  });

  test("lends the memory that the call asks for meanwhile", async () => {
    const guest = await Blocking.start();
    const callId = guest.send("counted", 10_000);
    while (guest.taken.length === 0) guest.pump(WATCHDOG_MS);
    expect(guest.taken[0]).toMatchObject({ kind: "result", callId });
    expect(guest.taken[0]?.attachments).toMatchObject([{ kind: "reference" }]);
    expect(guest.memory.arena.stats().leases).toBeGreaterThan(0);
  });

  test("has a frame in its ring when send returns, and keeps the order of those that find no room", async () => {
    const guest = await Blocking.start(0x1000);
    const first = guest.send("echo", 0);
    expect(guest.connection.queuedBytes).toBe(0);
    guest.answer(first);
    const filling = "x".repeat(500);
    for (let call = 0; call < 200; call += 1) guest.send("echo", filling);
    expect(guest.connection.queuedBytes).toBeGreaterThan(10_000);
    guest.answer(201);
    expect(guest.taken.map(({ callId }) => callId)).toEqual(
      Array.from({ length: 201 }, (_, at) => at + 1),
    );
  });

  test("takes an answer that is larger than its ring, and sends as much", async () => {
    const guest = await Blocking.start(0x1000);
    const text = "text ".repeat(100_000);
    expect(guest.answer(guest.send("echo", text))).toBe(text);
  });

  test("tells that nothing came in time, and hears what comes later", async () => {
    const guest = await Blocking.start();
    expect(guest.pump(0)).toBe(false);
    expect(guest.pump(5)).toBe(false);
    expect(guest.answer(guest.send("echo", "late"))).toBe("late");
    await new Promise((resolve) => setImmediate(resolve));
    const callId = guest.send("echo", "on the event loop");
    const heard = new Promise<Frame>((resolve) => {
      guest.onFrame = resolve;
    });
    expect(await heard).toMatchObject({ kind: "result", callId });
  });

  test("notices a peer that dies", async ({ annotate }) => {
    const guest = await Blocking.start();
    expect(guest.answer(guest.send("echo", "alive"))).toBe("alive");
    const exited = once(guest.process, "exit");
    guest.send("die");
    const start = performance.now();
    expect(guest.pump(WATCHDOG_MS)).toBe(true);
    await annotate(`noticed after ${(performance.now() - start).toFixed(1)} ms`);
    expect(await guest.connection.closed).toEqual({ kind: "peer" });
    expect(guest.pump(WATCHDOG_MS)).toBe(false);
    await exited;
  });

  test("brings nothing more while its receiver is busy, and the rest afterwards", async () => {
    const guest = await Blocking.start();
    let goOn: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    guest.onFrame = () => busy;
    for (let call = 0; call < 3; call += 1) guest.send("echo", call);
    while (guest.taken.length === 0) guest.pump(WATCHDOG_MS);
    // What comes meanwhile is kept, until reading stops.
    while (guest.pump(10));
    expect(guest.taken).toHaveLength(1);
    goOn();
    await busy;
    const third = new Promise<void>((resolve) => {
      guest.onFrame = ({ callId }) => {
        if (callId === 3) resolve();
      };
    });
    await third;
    expect(guest.taken.map(({ callId }) => callId)).toEqual([1, 2, 3]);
  });

  test("ends when another thread says so, and goes on to work", async () => {
    const guest = await Blocking.start();
    expect(guest.answer(guest.send("echo", "before"))).toBe("before");
    const interrupt = new Int32Array(new SharedArrayBuffer(4));
    const waker = new Worker(
      "const { workerData } = require('node:worker_threads'); Atomics.store(workerData, 0, 1);",
      { eval: true, workerData: interrupt },
    );
    expect(guest.connection.pump?.(WATCHDOG_MS, interrupt)).toBe(false);
    // The watchdog ends it as well, and without the store.
    expect(Atomics.load(interrupt, 0)).toBe(1);
    await waker.terminate();
    expect(guest.answer(guest.send("echo", "after"))).toBe("after");
  });

  test("does nothing once it is closed", async () => {
    const guest = await Blocking.start();
    await guest.connection.close();
    expect(guest.pump(WATCHDOG_MS)).toBe(false);
  });
});
