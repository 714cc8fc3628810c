import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
import { until } from "../../../test/wait.ts";
import { SharedMemory, type SharedMemoryOptions, type SpilledFrames } from "../../memory/index.ts";
import type { Connection, SendOptions } from "../transport.ts";
import { sharedMemory } from "./shared-memory.ts";

const SPILL_BYTES = 100_000;
/** The guest sends frames of this size through memory too: see `guest.py`. */
const LARGE = "text ".repeat(1_000_000);
const FRAMES_BYTES = 2 ** 26;

/** A Python process that answers calls, and what the host knows of the memory between them. */
class Guest {
  readonly connection: Connection;
  readonly memory: SharedMemory;
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, (frame: Frame) => void>();
  #calls = 0;

  private constructor({ connection, memory, process }: GuestProcess) {
    this.connection = connection;
    this.memory = memory;
    this.process = process;
    connection.receive((frame) => {
      this.#waiting.get(frame.callId)?.(frame);
      this.#waiting.delete(frame.callId);
    });
  }

  static async start(options: SharedMemoryOptions = {}, spillBytes = SPILL_BYTES): Promise<Guest> {
    return new Guest(await startGuestProcess({ ...options, spillBytes }));
  }

  /** Calls without an answer. */
  get open(): number {
    return this.#waiting.size;
  }

  get frames(): SpilledFrames {
    const [guest] = this.memory.figures().guests;
    if (guest === undefined) throw new Error("Cannot go on: the guest is gone");
    return guest.frames;
  }

  async call(name: string, args: readonly Value[], options?: SendOptions): Promise<Value> {
    const callId = (this.#calls += 1);
    const answer = new Promise<Frame>((resolve) => this.#waiting.set(callId, resolve));
    const body = encodeCall({ function: `work:${name}`, args, kwargs: {}, options: {} });
    await this.connection.send({ kind: "call", callId, body }, options);
    const frame = await answer;
    if (frame.kind === "error") throw decodeErrorBody(frame.body);
    return decodeResult(frame.body).value;
  }
}

describeGuest("a large frame", () => {
  test("goes through memory in both directions, and leaves none taken", async () => {
    const guest = await Guest.start();
    while (guest.frames.received < 3) expect(await guest.call("echo", [LARGE])).toBe(LARGE);
    expect(guest.frames.sent).toBeGreaterThanOrEqual(3);
    await until(() => guest.frames.heldBytes === 0);
    await until(() => guest.memory.arena.stats().leases === 0);
  });

  test("keeps its place among small ones", async () => {
    const guest = await Guest.start();
    const middle = "m".repeat(SPILL_BYTES);
    const calls = Array.from({ length: 30 }, (_, at) =>
      guest.call("echo", [at % 3 === 0 ? `${at}${middle}` : at]),
    );
    const answers = await Promise.all(calls);
    expect(answers).toEqual(
      Array.from({ length: 30 }, (_, at) => (at % 3 === 0 ? `${at}${middle}` : at)),
    );
    expect(guest.frames.sent).toBe(10);
  });

  test("goes through memory under a caller that blocks its thread", async () => {
    const guest = await Guest.start();
    const answered = guest.call("echo", [LARGE]);
    expect(guest.frames.sent).toBe(1);
    // Nothing but the pump runs until the answer is there.
    while (guest.open > 0) guest.connection.pump?.(20);
    expect(await answered).toBe(LARGE);
  });

  test("goes through the ring where no memory is free, and where it is switched off", async () => {
    const full = await Guest.start({ maxBytes: 2_097_152, regionBytes: 2_097_152, waitMs: 0 });
    expect(await full.call("echo", [LARGE])).toBe(LARGE);
    expect(full.frames).toMatchObject({ sent: 0, received: 0, fallbacks: 1 });
    const off = await Guest.start({}, Number.POSITIVE_INFINITY);
    expect(await off.call("echo", ["x".repeat(1_000_000)])).toHaveLength(1_000_000);
    expect(off.frames).toEqual({ sent: 0, received: 0, heldBytes: 0, fallbacks: 0 });
  });

  test("goes through the ring where the policy allows no reference of its size", async () => {
    const guest = await Guest.start({ policy: { maxBytes: SPILL_BYTES } });
    expect(await guest.call("echo", ["x".repeat(2 * SPILL_BYTES)])).toHaveLength(2 * SPILL_BYTES);
    expect(guest.frames).toMatchObject({ sent: 0, fallbacks: 1 });
    expect(guest.memory.arena.stats().leases).toBe(0);
  });

  test("goes through the ring to a guest in TypeScript, which takes no references", async () => {
    const folder = mkdtempSync(join(tmpdir(), "amphis-"));
    using memory = await SharedMemory.open();
    const transport = sharedMemory({ memory, spillBytes: 1 });
    const address = `shm:${folder}/guest.sock`;
    const body = new Uint8Array(2 * SPILL_BYTES).fill(7);
    await using listener = await transport.listen(address, (connection) => {
      connection.receive(() => undefined);
      void connection.send({ kind: "event", body });
    });
    const guest = await transport.connect(address);
    const frame = await new Promise<Frame>((resolve) => guest.receive(resolve));
    expect(frame.body).toEqual(body);
    const [figures] = memory.figures().guests;
    expect(figures?.frames).toEqual({ sent: 0, received: 0, heldBytes: 0, fallbacks: 0 });
    await guest.close();
    await listener.close();
    rmSync(folder, { recursive: true });
  });

  test("waits for no age: a guest that comes to it late takes it all the same", async () => {
    const guest = await Guest.start({ policy: { maxAgeMs: 1 } });
    guest.process.kill("SIGSTOP");
    const call = guest.call("echo", ["x".repeat(SPILL_BYTES)]);
    const sent = Date.now();
    await until(() => Date.now() > sent + 2);
    guest.process.kill("SIGCONT");
    expect(await call).toHaveLength(SPILL_BYTES);
    expect(guest.frames.sent).toBe(1);
  });

  test("takes so much memory and no more from a guest that reads nothing", async () => {
    const guest = await Guest.start();
    guest.process.kill("SIGSTOP");
    const text = "x".repeat(16_000_000);
    const calls = Array.from({ length: 5 }, () => guest.call("os.path.isabs", [text]));
    expect(guest.frames.sent).toBe(4);
    expect(guest.frames.heldBytes).toBeLessThanOrEqual(FRAMES_BYTES);
    guest.process.kill("SIGCONT");
    expect(await Promise.all(calls)).toEqual(calls.map(() => false));
    await until(() => guest.frames.heldBytes === 0);
  });

  test("gives its memory back when it is not sent after all", async () => {
    const guest = await Guest.start();
    guest.process.kill("SIGSTOP");
    // They fill the ring and the queue behind it, as they are smaller than what goes through memory.
    const filling = "x".repeat(SPILL_BYTES - 1_000);
    const calls = [];
    while (!guest.connection.isFull) calls.push(guest.call("echo", [filling]));
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const given = guest.call("echo", ["y".repeat(SPILL_BYTES)], { signal });
    given.catch(() => undefined);
    expect(guest.frames).toMatchObject({ sent: 1 });
    expect(guest.frames.heldBytes).toBeGreaterThan(SPILL_BYTES);
    giveUp.abort(new Error("not wanted any more"));
    await expect(given).rejects.toThrow("not wanted any more");
    expect(guest.frames.heldBytes).toBe(0);
    expect(guest.memory.arena.stats().leases).toBe(0);
    guest.process.kill("SIGCONT");
    await Promise.all(calls);
  });

  test("leaves nothing behind when the guest dies with it", async () => {
    const guest = await Guest.start();
    guest.process.kill("SIGSTOP");
    void guest.call("echo", [LARGE]);
    expect(guest.memory.arena.stats().leases).toBe(1);
    guest.process.kill("SIGKILL");
    await guest.connection.closed;
    expect(guest.memory.arena.stats()).toMatchObject({ leases: 0, usedBytes: 0 });
  });
});

test("spillBytes is a positive number", () => {
  for (const spillBytes of [0, -1, Number.NaN]) {
    expect(() => sharedMemory({ spillBytes })).toThrow(RangeError);
  }
});
