import type { Connection } from "amphis/transport";
import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, outcome, pattern, refusal, upTo } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { gate, standstill, until, within } from "./within.ts";

const MIB = 0x10_0000;
/** More than twice what the buffers of sockets, streams and connections take together. */
const MUCH = 32 * MIB;
const FRAME = 64 * 1_024;

/** A slow receiver stops its peer, and nothing fills memory. */
export function describePressure(open: () => Promise<TransportPair>): void {
  test("a sender that awaits each send is stopped by a slow receiver, and goes on with it", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const held = gate();
    const inbox = new Inbox(far, () => held.opened);
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    expect(flood.accepted).toBeLessThan(MUCH / FRAME / 2);
    expect(inbox.frames).toHaveLength(1);
    held.open();
    await within("the last send", flood.ended);
    await inbox.until(MUCH / FRAME);
    expect(inbox.numbers).toEqual(upTo(MUCH / FRAME));
  });

  test("a sender is stopped by a peer that has no receiver yet", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    expect(flood.accepted).toBeLessThan(MUCH / FRAME / 2);
    const inbox = new Inbox(far);
    await within("the last send", flood.ended);
    await inbox.until(MUCH / FRAME);
    expect(inbox.numbers).toEqual(upTo(MUCH / FRAME));
  });

  test("a slow receiver stops nobody else", async () => {
    await using bench = new Bench(await open());
    const { listener, next } = await bench.listen();
    const slow = await bench.pair.client.connect(listener.address);
    bench.defer(() => slow.close());
    (await next()).receive(() => new Promise(() => undefined));
    const flood = new Flood(slow, MUCH / FRAME);
    await standstill(slow, () => flood.accepted);
    const quick = await bench.pair.client.connect(listener.address);
    bench.defer(() => quick.close());
    const inbox = new Inbox(await next());
    for (const number of upTo(100)) await within("a send", quick.send(numbered(number)));
    await inbox.until(100);
    expect(slow.state.kind).toBe("open");
  });

  test("highWaterBytes says how much waits", async () => {
    await using bench = new Bench(await open());
    const options = { highWaterBytes: 0 };
    const { near, far } = await bench.open({ near: options, far: options });
    far.receive(() => new Promise(() => undefined));
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    const sent = [outcome(near.send(numbered(0))), outcome(near.send(numbered(1)))];
    await near.close();
    const outcomes = await within("both sends", Promise.all(sent));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["refused", "refused"]);
  });

  test("isFull and queuedBytes tell whether a send would wait, and for how much", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open({ near: { highWaterBytes: FRAME } });
    expect([near.isFull, near.queuedBytes]).toEqual([false, 0]);
    const held = gate();
    const inbox = new Inbox(far, () => held.opened);
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    expect(near.isFull).toBe(true);
    expect(near.queuedBytes).toBeGreaterThan(FRAME);
    // The high water mark and one frame, and what the transport itself was given at once.
    expect(near.queuedBytes).toBeLessThan(MIB);
    held.open();
    await within("the last send", flood.ended);
    await inbox.until(MUCH / FRAME);
    await until("the end of the queue", () => near.queuedBytes === 0 && !near.isFull);
  });

  test("a connection that is closed holds nothing, and is not full", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    far.receive(() => new Promise(() => undefined));
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    await within("close", near.close());
    await within("the flood", flood.ended);
    expect([near.isFull, near.queuedBytes, near.silentMs]).toEqual([false, 0, 0]);
  });

  test("a send that waits gives up with the reason of its signal, and the others go on", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const held = gate();
    const inbox = new Inbox(far, () => held.opened);
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    const controller = new AbortController();
    const given = outcome(
      near.send(
        { kind: "event", callId: 1_000_000, body: pattern(9) },
        { signal: controller.signal },
      ),
    );
    const behind = outcome(near.send(numbered(1_000_001)));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await within("the send that gave up", given)).toEqual({
      kind: "refused",
      error: reason,
    });
    held.open();
    await within("the last send", flood.ended);
    expect(await within("the send behind it", behind)).toEqual({ kind: "accepted" });
    await inbox.until(MUCH / FRAME + 1);
    expect(inbox.numbers.filter((number) => number !== 1_000_001)).toEqual(upTo(MUCH / FRAME));
    expect(inbox.numbers).toContain(1_000_001);
  });

  test("a signal that is aborted sends nothing, and one that is aborted later harms nothing", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    const reason = new Error("too late");
    const refused = await outcome(near.send(numbered(9), { signal: AbortSignal.abort(reason) }));
    expect(refused).toEqual({ kind: "refused", error: reason });
    const controller = new AbortController();
    await near.send(numbered(0), { signal: controller.signal });
    controller.abort();
    await near.send(numbered(1));
    await inbox.until(2);
    expect(inbox.numbers).toEqual([0, 1]);
  });

  test("closing ends every send that waits for a peer that never reads", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    far.receive(() => new Promise(() => undefined));
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    const waiting = refusal("a send that waits", near.send(numbered(1)));
    expect(await within("close", near.close())).toEqual({ kind: "local" });
    expect((await waiting).code).toBe("CONNECTION_CLOSED");
    await within("the flood", flood.ended);
  });

  test("a drain that waits for a peer that never reads is ended by close", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    far.receive(() => new Promise(() => undefined));
    const flood = new Flood(near, MUCH / FRAME);
    await standstill(near, () => flood.accepted);
    const drained = near.drain();
    expect(near.state.kind).toBe("draining");
    await within("close", near.close());
    expect(await within("drain", drained)).toEqual({ kind: "local" });
    await within("the flood", flood.ended);
  });
}

/** Sends numbered frames, each after the one before was accepted. */
class Flood {
  accepted = 0;
  /** Resolves when the last was accepted, or one was not. */
  readonly ended: Promise<void>;

  constructor(connection: Connection, frames: number) {
    this.ended = this.#run(connection, frames);
  }

  async #run(connection: Connection, frames: number): Promise<void> {
    const body = pattern(FRAME - 24);
    for (const callId of upTo(frames)) {
      const { kind } = await outcome(connection.send({ kind: "event", callId, body }));
      if (kind === "refused") return;
      this.accepted += 1;
    }
  }
}
