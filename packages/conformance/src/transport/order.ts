import { createHash } from "node:crypto";

import type { FrameInit } from "@amphis/protocol";
import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, pattern, upTo } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { gate, turn, until, within } from "./within.ts";

const MIB = 0x10_0000;
const SIZES = [0, 1, 2, 7, 8, 9, 4_095, 8_192, 65_511, 65_536, 262_145, 1_000_003, 32 * MIB];

/** Frames arrive whole, in order, once. */
export function describeOrder(open: () => Promise<TransportPair>): void {
  test("frames of 0 bytes to 32 MiB whole", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    const bodies = SIZES.map((size) => pattern(size, size));
    for (const body of bodies) {
      await within(`a frame of ${body.length} bytes`, near.send({ kind: "event", body }));
    }
    const frames = await inbox.until(SIZES.length);
    expect(frames.map(({ body }) => body.length)).toEqual(SIZES);
    for (const [at, { body }] of frames.entries()) {
      expect(Buffer.compare(body, bodies[at] ?? Buffer.of())).toBe(0);
    }
  });

  test("every field and attachment of a frame", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    const full: FrameInit = {
      kind: "call",
      callId: 2 ** 53 - 1,
      priority: "critical",
      codec: "json",
      version: 1,
      body: pattern(13),
      attachments: [
        { kind: "inline", data: pattern(3 * MIB) },
        { kind: "reference", data: pattern(48) },
        { kind: "inline", data: new Uint8Array(0) },
      ],
    };
    await near.send(full);
    await near.send({ kind: "end", body: new Uint8Array(0) });
    const [first, second] = await inbox.until(2);
    expect(first).toBeDefined();
    expect(digest(first ?? full)).toEqual(digest(full));
    expect({ ...second, body: second?.body.length }).toEqual({
      kind: "end",
      callId: 0,
      priority: "normal",
      codec: "msgpack",
      version: 1,
      body: 0,
      attachments: [],
    });
  });

  test("10,000 small frames in order, awaited or not", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    const sent: Promise<void>[] = [];
    for (const number of upTo(10_000)) {
      const one = near.send(numbered(number));
      if (number % 100 === 0) await one;
      else sent.push(one);
    }
    await within("every send", Promise.all(sent));
    await inbox.until(10_000);
    expect(inbox.numbers).toEqual(upTo(10_000));
  });

  test("in both directions at once", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const [atNear, atFar] = [new Inbox(near), new Inbox(far)];
    const body = pattern(10_000);
    for (const number of upTo(1_000)) {
      await within(
        "both sends",
        Promise.all([
          near.send({ kind: "event", callId: number, body }),
          far.send({ kind: "event", callId: number, body }),
        ]),
      );
    }
    await Promise.all([atNear.until(1_000), atFar.until(1_000)]);
    expect([atNear.numbers, atFar.numbers]).toEqual([upTo(1_000), upTo(1_000)]);
  });

  test("frames that came before there was a receiver", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    for (const number of upTo(100)) await near.send(numbered(number));
    for (let turns = 0; turns < 10; turns += 1) await turn();
    const inbox = new Inbox(far);
    await inbox.until(100);
    expect(inbox.numbers).toEqual(upTo(100));
  });

  test("one frame at a time to a receiver that returns a promise", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    let [running, most] = [0, 0];
    const inbox = new Inbox(far, async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      await turn();
      running -= 1;
    });
    for (const number of upTo(100)) {
      await near.send(numbered(number));
      if (number % 5 === 0) await turn();
    }
    await inbox.until(100);
    expect([inbox.numbers, most]).toEqual([upTo(100), 1]);
  });

  test("a frame that its receiver answers with another", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const answers = new Inbox(near);
    far.receive((frame) => far.send({ ...frame, callId: frame.callId * 2 }));
    for (const number of upTo(200)) await near.send(numbered(number));
    await answers.until(200);
    expect(answers.numbers).toEqual(upTo(200).map((number) => number * 2));
  });

  test("a frame is a sign of life, which ends the silence before it", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open({ far: { heartbeatMs: 0 } });
    const inbox = new Inbox(far);
    await turn();
    // Within a process nobody can be out of reach, so there is no silence.
    if (near.peer.transport !== "inproc") expect(far.silentMs).toBeGreaterThan(0);
    await turn();
    const before = performance.now();
    await near.send(numbered(1));
    await inbox.until(1);
    expect(far.silentMs).toBeLessThanOrEqual(performance.now() - before);
  });

  test("nothing is silence to a side that does not read", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const held = gate();
    const inbox = new Inbox(far, () => held.opened);
    await near.send(numbered(1));
    await inbox.until(1);
    // It notices that there is more, and leaves it to its peer.
    await near.send(numbered(2));
    await until("the end of reading", () => far.silentMs === 0);
    held.open();
    await inbox.until(2);
    expect(inbox.numbers).toEqual([1, 2]);
  });

  test("to one receiver, and refuses a second one", async () => {
    await using bench = new Bench(await open());
    const { near } = await bench.open();
    near.receive(() => undefined);
    expect(() => near.receive(() => undefined)).toThrow(TypeError);
    expect(near.state.kind).toBe("open");
  });
}

/** A frame as values that are quick to compare. */
function digest({ body, attachments = [], ...rest }: FrameInit): object {
  const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  return {
    ...rest,
    body: hash(body),
    attachments: attachments.map(({ kind, data }) => [kind, data.length, hash(data)]),
  };
}
