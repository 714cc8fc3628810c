import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, refusal } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { within } from "./within.ts";

/** Frames beyond the limit are neither sent nor taken. */
export function describeLimits(open: () => Promise<TransportPair>): void {
  test("are 64 MiB and version 1 unless they are given", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const limits = { maxFrameBytes: 67_108_864, versions: [1, 1] };
    expect([near.limits, far.limits]).toEqual([limits, limits]);
  });

  test("hold for the frame that is sent, which harms nothing", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open({ near: { maxFrameBytes: 1_024 } });
    const inbox = new Inbox(far);
    const large = near.send({ kind: "event", body: new Uint8Array(1_001) });
    expect(await refusal("a send", large)).toMatchObject({
      code: "FRAME_TOO_LARGE",
      context: { limit: 1_024, actual: 1_025 },
    });
    await near.send({ kind: "event", body: new Uint8Array(1_000) });
    const [frame] = await inbox.until(1);
    expect([frame?.body.length, near.state.kind]).toEqual([1_000, "open"]);
  });

  test("hold for the frame that is taken, which ends the connection", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open({ far: { maxFrameBytes: 1_024 } });
    const inbox = new Inbox(far);
    await near.send(numbered(1));
    await near.send({ kind: "event", body: new Uint8Array(1_001) });
    expect(await within("the end of its side", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "FRAME_TOO_LARGE" },
    });
    expect((await within("the end of the other side", near.closed)).kind).not.toBe("local");
    expect(inbox.numbers).toEqual([1]);
  });

  test("are those that were agreed on", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    near.agree({ maxFrameBytes: 100 });
    far.agree({ maxFrameBytes: 100, versions: [1, 2] });
    expect(near.limits).toEqual({ maxFrameBytes: 100, versions: [1, 1] });
    const large = near.send({ kind: "event", body: new Uint8Array(77) });
    expect((await refusal("a send", large)).code).toBe("FRAME_TOO_LARGE");
    await near.send({ ...numbered(1), version: 2 });
    await inbox.until(1);
    await near.send({ ...numbered(2), version: 3 });
    expect(await within("the end of its side", far.closed)).toMatchObject({
      kind: "failed",
      error: { code: "VERSION_UNSUPPORTED" },
    });
    expect(inbox.numbers).toEqual([1]);
  });

  test("never hold for the version of a hello", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    await near.send({ kind: "hello", body: new Uint8Array(3), version: 9 });
    expect((await inbox.until(1))[0]).toMatchObject({ kind: "hello", version: 9 });
  });

  test("refuse a frame that has no form, and go on", async () => {
    await using bench = new Bench(await open());
    const { near, far } = await bench.open();
    const inbox = new Inbox(far);
    await expect(near.send({ ...numbered(1), callId: -1 })).rejects.toThrow(RangeError);
    await near.send(numbered(2));
    await inbox.until(1);
    expect(inbox.numbers).toEqual([2]);
  });
}
