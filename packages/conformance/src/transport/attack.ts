import type { Duplex } from "node:stream";

import { type Frame, FrameDecoder } from "@amphis/protocol";
import type { Connection } from "amphis/transport";
import { expect } from "vitest";

import type { Bench } from "./bench.ts";
import { Inbox, numbered, pattern } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { within } from "./within.ts";

type OpenRaw = NonNullable<TransportPair["raw"]>;

/** A connection whose peer is the test, byte by byte. */
export interface Attacked {
  readonly raw: Duplex;
  readonly far: Connection;
  readonly inbox: Inbox;
  /** Fails when an honest connection to the same listener suffered. */
  spared(): Promise<void>;
}

/** Connects a raw peer beside an honest one. */
export async function attack(bench: Bench, heartbeatMs?: number): Promise<Attacked> {
  const { raw: openRaw } = bench.pair;
  if (openRaw === undefined) throw new Error("Cannot attack: the pair offers no raw");
  const { listener, next } = await bench.listen({ heartbeatMs });
  const honest = await bench.pair.client.connect(listener.address);
  bench.defer(() => honest.close());
  const honestInbox = new Inbox(await next());
  const raw = await connectTo(openRaw, listener.address);
  bench.defer(async () => void raw.destroy());
  const far = await next();
  const spared = async (): Promise<void> => {
    await within("an honest send", honest.send(numbered(7)));
    await honestInbox.until(1);
    expect(honestInbox.numbers).toEqual([7]);
  };
  return { raw, far, inbox: new Inbox(far), spared };
}

async function connectTo(openRaw: OpenRaw, address: string): Promise<Duplex> {
  const raw = await within("the raw connection", openRaw(address));
  // The other side may end it at any time; what the test waits for tells.
  raw.on("error", () => undefined);
  return raw;
}

/** Nothing more comes, in good order or not. */
export function endOf(raw: Duplex): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "error", "close"]) raw.once(event, () => resolve());
  });
}

/** Tells each frame that comes. */
export function onFrames(raw: Duplex, listener: (frame: Frame) => void): void {
  const decoder = new FrameDecoder();
  // A stream may hand out views of memory that it uses again.
  raw.on("data", (chunk: Uint8Array) => decoder.feed(Uint8Array.from(chunk)).forEach(listener));
}

/** Sends for as long as that is possible. @returns why it is not any more */
export async function sendUntilRefused(
  connection: Connection,
  onAccepted?: () => void,
): Promise<unknown> {
  const body = pattern(100_000);
  try {
    for (;;) {
      await connection.send({ kind: "event", body });
      onAccepted?.();
    }
  } catch (error) {
    return error;
  }
}
