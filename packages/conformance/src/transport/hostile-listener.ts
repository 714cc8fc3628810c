import type { Duplex } from "node:stream";

import { encodeFrame, type Hello } from "@amphis/protocol";
import { type Connection, handshake } from "amphis/transport";
import { expect, test } from "vitest";

import { endOf, sendUntilRefused } from "./attack.ts";
import { Bench } from "./bench.ts";
import { Inbox, numbered, pattern, refusal } from "./frames.ts";
import { HOSTILE_BYTES } from "./hostile-bytes.ts";
import type { RawListener, TransportPair } from "./pair.ts";
import { within } from "./within.ts";

const HELLO: Hello = {
  product: "conformance",
  versions: [1, 1],
  codecs: ["msgpack"],
  limits: { maxFrameBytes: 0x10_0000, maxDepth: 64 },
  capabilities: [],
};

/** A client is as safe from its listener as a listener is from its clients. */
export function describeHostileListener(open: () => Promise<TransportPair>): void {
  test.each(HOSTILE_BYTES)("%s of a listener ends its client", async (_, bytes, code) => {
    await using bench = new Bench(await open());
    const { listener, near, raw } = await enter(bench);
    const other = await connectTo(bench, listener);
    raw.write(bytes);
    expect(await within("the end", near.closed)).toMatchObject({ kind: "failed", error: { code } });
    const inbox = new Inbox(other.near);
    other.raw.write(encodeFrame(numbered(7)));
    await inbox.until(1);
    expect([inbox.numbers, other.near.state.kind]).toEqual([[7], "open"]);
  });

  test.each([1, 23, 24, 30])("a listener that ends after %d bytes of a frame", async (length) => {
    await using bench = new Bench(await open());
    const { near, raw } = await enter(bench);
    raw.end(encodeFrame({ kind: "event", body: pattern(10) }).subarray(0, length));
    expect(await within("the end", near.closed)).toMatchObject({
      kind: "failed",
      error: { code: "FRAME_TRUNCATED" },
    });
  });

  test("a listener that is gone while its client sends", async () => {
    await using bench = new Bench(await open());
    const { near, raw } = await enter(bench);
    const flood = sendUntilRefused(near);
    await new Promise<void>((resolve) => void raw.once("data", () => resolve()));
    raw.destroy();
    await within("the end", near.closed);
    expect(await within("the last send", flood)).toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  test("a listener that says nothing is given up", async () => {
    await using bench = new Bench(await open());
    const { near } = await enter(bench, 60);
    expect(await within("the end", near.closed)).toMatchObject({
      kind: "failed",
      error: { code: "PEER_LOST" },
    });
  });

  test("a listener that sends no hello ends the handshake, and the connection", async () => {
    await using bench = new Bench(await open());
    const { near, raw } = await enter(bench);
    const ended = endOf(raw);
    raw.resume();
    const agreeing = handshake(near, HELLO, "initiator", { timeoutMs: 50 });
    expect((await refusal("the handshake", agreeing)).code).toBe("PEER_LOST");
    expect(near.state).toMatchObject({ kind: "closed", reason: { kind: "failed" } });
    await within("the end at the listener", ended);
  });

  test("a listener whose first frame is no hello ends the handshake, and the connection", async () => {
    await using bench = new Bench(await open());
    const { near, raw } = await enter(bench);
    raw.resume();
    const agreeing = handshake(near, HELLO, "initiator");
    raw.write(encodeFrame(numbered(1)));
    expect((await refusal("the handshake", agreeing)).code).toBe("FRAME_INVALID");
    expect(near.state).toMatchObject({ kind: "closed", reason: { kind: "failed" } });
  });
}

interface Entered {
  readonly near: Connection;
  readonly raw: Duplex;
}

/** Connects a client to a listener of bytes. */
async function enter(
  bench: Bench,
  heartbeatMs?: number,
): Promise<Entered & { readonly listener: RawListener }> {
  const { listenRaw } = bench.pair;
  if (listenRaw === undefined) throw new Error("Cannot enter: the pair offers no listenRaw");
  const listener = await within("the raw listener", listenRaw());
  bench.defer(() => listener.close());
  return { listener, ...(await connectTo(bench, listener, heartbeatMs)) };
}

async function connectTo(
  bench: Bench,
  listener: RawListener,
  heartbeatMs?: number,
): Promise<Entered> {
  const coming = listener.next();
  const near = await within(
    "the connection",
    bench.pair.client.connect(listener.address, { heartbeatMs }),
  );
  bench.defer(() => near.close());
  const raw = await within("the stream of the client", coming);
  // The client may end it at any time; what the test waits for tells.
  raw.on("error", () => undefined);
  return { near, raw };
}
