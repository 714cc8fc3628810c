import { encodeFrame, type Frame } from "@amphis/protocol";
import { expect, test } from "vitest";

import { attack, endOf, onFrames, sendUntilRefused } from "./attack.ts";
import { Bench } from "./bench.ts";
import { numbered, pattern, upTo } from "./frames.ts";
import { HOSTILE_BYTES } from "./hostile-bytes.ts";
import type { FrozenPeer, TransportPair } from "./pair.ts";
import { standstill, turn, within } from "./within.ts";

/** Any bytes at any time end one connection with a typed error, and touch no other. */
export function describeHostility(open: () => Promise<TransportPair>): void {
  test.each(HOSTILE_BYTES)("%s", async (_, bytes, code) => {
    await using bench = new Bench(await open());
    const { raw, far, spared } = await attack(bench);
    raw.write(bytes);
    expect(await within("the end", far.closed)).toMatchObject({ kind: "failed", error: { code } });
    await spared();
  });

  test("a bad frame behind good ones, which are delivered", async () => {
    await using bench = new Bench(await open());
    const { raw, far, inbox } = await attack(bench);
    raw.write(Buffer.concat([...upTo(3).map((n) => encodeFrame(numbered(n))), pattern(24)]));
    expect(await within("the end", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "FRAME_INVALID" },
    });
    expect(inbox.numbers).toEqual([0, 1, 2]);
  });

  test("frames that come one byte at a time are whole", async () => {
    await using bench = new Bench(await open());
    const { raw, inbox } = await attack(bench);
    for (const byte of Buffer.concat(upTo(5).map((n) => encodeFrame(numbered(n))))) {
      await new Promise((resolve) => void raw.write(Uint8Array.of(byte), resolve));
      await turn();
    }
    await inbox.until(5);
    expect(inbox.numbers).toEqual(upTo(5));
  });

  test.each([1, 23, 24, 30])("an end after %d bytes of a frame", async (length) => {
    await using bench = new Bench(await open());
    const { raw, far, spared } = await attack(bench);
    raw.end(encodeFrame({ kind: "event", body: pattern(10) }).subarray(0, length));
    expect(await within("the end", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "FRAME_TRUNCATED" },
    });
    await spared();
  });

  test("a peer that is gone in the middle of a frame", async () => {
    await using bench = new Bench(await open());
    const { raw, far, inbox, spared } = await attack(bench);
    raw.write(encodeFrame(numbered(0)));
    await inbox.until(1);
    const half = encodeFrame({ kind: "event", body: pattern(100_000) }).subarray(0, 50_000);
    await new Promise((resolve) => void raw.write(half, resolve));
    raw.destroy();
    expect((await within("the end", far.closed)).kind).toBe("failed");
    await spared();
  });

  test("a peer that is gone while this side sends", async () => {
    await using bench = new Bench(await open());
    const { raw, far, spared } = await attack(bench);
    const flood = sendUntilRefused(far);
    await new Promise<void>((resolve) => void raw.once("data", () => resolve()));
    raw.destroy();
    await within("the end", far.closed);
    expect(await within("the last send", flood)).toMatchObject({ code: "CONNECTION_CLOSED" });
    await spared();
  });

  test("a peer that never reads stops this side, which can still close", async () => {
    await using bench = new Bench(await open());
    const { raw, far, spared } = await attack(bench);
    raw.pause();
    let accepted = 0;
    const flood = sendUntilRefused(far, () => {
      accepted += 1;
    });
    await standstill(far, () => accepted);
    await spared();
    expect(await within("close", far.close())).toEqual({ kind: "local" });
    expect(await within("the last send", flood)).toMatchObject({ code: "CONNECTION_CLOSED" });
    const ended = endOf(raw);
    raw.resume();
    await within("the end at the peer", ended);
  });

  test("a peer that ends in good order gets what it was sent, and then the end", async () => {
    await using bench = new Bench(await open());
    const { raw, far } = await attack(bench);
    const got: Frame[] = [];
    onFrames(raw, (frame) => got.push(frame));
    const ended = endOf(raw);
    for (const number of upTo(100)) await far.send(numbered(number));
    raw.end();
    expect(await within("the end", far.closed)).toEqual({ kind: "peer" });
    await within("the end at the peer", ended);
    expect(got.filter(({ kind }) => kind === "event").map(({ callId }) => callId)).toEqual(
      upTo(100),
    );
  });

  test("a ping is answered by the connection, not by its receiver", async () => {
    await using bench = new Bench(await open());
    const { raw, inbox } = await attack(bench);
    const pong = new Promise<Frame>((resolve) => {
      onFrames(raw, (frame) => {
        if (frame.kind === "pong") resolve(frame);
      });
    });
    raw.write(encodeFrame({ kind: "ping", body: Uint8Array.of(1, 2, 3) }));
    expect((await within("the pong", pong)).body).toEqual(Uint8Array.of(1, 2, 3));
    expect(inbox.frames).toEqual([]);
  });

  test("a peer that answers is kept, however little it says", async () => {
    await using bench = new Bench(await open());
    const { raw, far, inbox } = await attack(bench, 500);
    const asked = new Promise<void>((resolve) => {
      let pings = 0;
      onFrames(raw, ({ kind, body }) => {
        if (kind !== "ping") return;
        raw.write(encodeFrame({ kind: "pong", body }));
        pings += 1;
        if (pings === 3) resolve();
      });
    });
    await within("three pings", asked);
    expect([far.state.kind, inbox.frames]).toEqual(["open", []]);
  });

  test("a peer that says nothing is given up", async () => {
    await using bench = new Bench(await open());
    const { far } = await attack(bench, 60);
    expect(await within("the end", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "PEER_LOST" },
    });
  });
}

/** A process that is stopped leaves its sockets open: only its silence tells. */
export function describeFrozen(open: () => Promise<TransportPair>): void {
  test("a peer that is frozen is given up", async () => {
    await using bench = new Bench(await open());
    const { freeze } = bench.pair;
    if (freeze === undefined) throw new Error("Cannot freeze peer: the pair offers no freeze");
    const { listener, next } = await bench.listen({ heartbeatMs: 100 });
    const frozen: FrozenPeer = await within("the frozen peer", freeze(listener.address));
    bench.defer(() => frozen.close());
    const far = await next();
    expect(await within("the end", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "PEER_LOST" },
    });
    expect(listener.connections.size).toBe(0);
  });
}
