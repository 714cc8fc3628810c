import { AmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, outcome, refusal, upTo } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { gate, turn, within } from "./within.ts";

/** Everything ends once, for a stated reason, on both sides. */
export function describeEnding(open: () => Promise<TransportPair>): void {
  test.each(["near", "far"] as const)("close of the %s side is told to both", async (side) => {
    await using bench = new Bench(await open());
    const ends = await bench.open();
    const [one, other] = side === "near" ? [ends.near, ends.far] : [ends.far, ends.near];
    expect(await within("close", one.close())).toEqual({ kind: "local" });
    expect(one.state).toEqual({ kind: "closed", reason: { kind: "local" } });
    expect(await within("the end of the other side", other.closed)).toEqual({ kind: "peer" });
    expect(other.state).toEqual({ kind: "closed", reason: { kind: "peer" } });
  });

  test("close with an error tells it as the reason", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const error = new AmphisError("PEER_REJECTED", "Cannot go on: not you", {
      address: "here",
      reason: "not you",
    });
    expect(await within("close", near.close(error))).toEqual({ kind: "failed", error });
    expect((await refusal("a send", near.send(numbered(1)))).code).toBe("CONNECTION_CLOSED");
    expect((await within("the end of the other side", far.closed)).kind).not.toBe("local");
  });

  test("close and drain work twice, concurrently and from any state", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const acts = [near.drain(), near.close(), near.close(), far.close(), near.drain(), far.drain()];
    const reasons = await within("every close", Promise.all(acts));
    expect(reasons.slice(0, 3)).toEqual([reasons[0], reasons[0], reasons[0]]);
    expect(await Promise.all([near.close(), near.drain(), near.closed])).toEqual([
      reasons[0],
      reasons[0],
      reasons[0],
    ]);
    await near[Symbol.asyncDispose]();
    expect(near.state.kind).toBe("closed");
  });

  test("a connection can be disposed", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    await within("dispose", near[Symbol.asyncDispose]());
    expect(near.state).toEqual({ kind: "closed", reason: { kind: "local" } });
    expect(await within("the end of the other side", far.closed)).toEqual({ kind: "peer" });
  });

  test("a send after the end is refused", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    await near.close();
    await within("the end of the other side", far.closed);
    for (const connection of [near, far]) {
      const error = await refusal("a send", connection.send(numbered(1)));
      expect(error.code).toBe("CONNECTION_CLOSED");
      expect(error.message).toMatch(/^Cannot .*: .*[^.]$/);
    }
  });

  test("drain delivers everything that was accepted, and refuses the rest", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const held = gate();
    const inbox = new Inbox(far, () => held.opened);
    const body = new Uint8Array(8_000);
    const sent = upTo(2_000).map((callId) => outcome(near.send({ kind: "event", callId, body })));
    await sent[0];
    const drained = near.drain();
    expect((await refusal("a send", near.send(numbered(1)))).code).toBe("CONNECTION_CLOSED");
    held.open();
    expect(await within("drain", drained)).toEqual({ kind: "local" });
    const outcomes = await within("every send", Promise.all(sent));
    const accepted = upTo(2_000).filter((number) => outcomes[number]?.kind === "accepted");
    expect(accepted.length).toBeGreaterThan(0);
    expect(await within("the end of the other side", far.closed)).toEqual({ kind: "peer" });
    expect(inbox.numbers).toEqual(accepted);
  });

  test("both sides drain at once, and both get everything", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const [atNear, atFar] = [new Inbox(near), new Inbox(far)];
    for (const number of upTo(200)) {
      await Promise.all([near.send(numbered(number)), far.send(numbered(number))]);
    }
    const reasons = await within("both drains", Promise.all([near.drain(), far.drain()]));
    expect(reasons.map(({ kind }) => kind)).toEqual(["local", "local"]);
    expect([atNear.numbers, atFar.numbers]).toEqual([upTo(200), upTo(200)]);
  });

  test("a side that drains while its receiver is busy ends in good order", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const held = gate();
    const inbox = new Inbox(near, () => held.opened);
    far.receive(() => undefined);
    for (const number of upTo(10)) await far.send(numbered(number));
    await inbox.until(1);
    const drained = Promise.all([near.drain(), far.drain()]);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    held.open();
    const reasons = await within("both drains", drained);
    expect(reasons[0]).toEqual({ kind: "local" });
    expect(["local", "peer"]).toContain(reasons[1].kind);
    expect(inbox.numbers).toEqual(upTo(10));
  });

  test.each([
    ["throws", () => void thrown(new Error("cannot take it"))],
    ["rejects", () => Promise.reject(new Error("cannot take it"))],
  ])("a receiver that %s ends its connection and no other", async (_, receiver) => {
    await using bench = new Bench(await open());
    const { listener, next } = await bench.listen();
    const [bad, good] = [
      await bench.pair.client.connect(listener.address),
      await bench.pair.client.connect(listener.address),
    ];
    bench.defer(() => Promise.all([bad.close(), good.close()]));
    const farBad = await next();
    const inbox = new Inbox(await next());
    farBad.receive(receiver);
    await bad.send(numbered(1));
    const reason = await within("the end of its side", farBad.closed);
    expect(reason).toMatchObject({
      kind: "failed",
      error: { code: "CONNECTION_CLOSED", cause: { message: "cannot take it" } },
    });
    await within("the end of the other side", bad.closed);
    await good.send(numbered(2));
    await inbox.until(1);
    expect(inbox.numbers).toEqual([2]);
  });

  test("a connection can be closed by its own receiver", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    far.receive(async () => void (await far.close()));
    await near.send(numbered(1));
    expect(await within("the end of its side", far.closed)).toEqual({ kind: "local" });
    await within("the end of the other side", near.closed);
  });
}

function thrown(error: Error): never {
  throw error;
}
