import { encodeCredit, encodeItem } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { hostileScene, nextRequest, othersGoOn } from "../../test/bus/hostile-scene.ts";
import { rejection, until } from "../../test/wait.ts";

const GARBAGE = new Uint8Array([0xc1, 0xff, 0x00, 0x93]);

describe("what a peer answers with ends only its own call when it", () => {
  test.each([
    ["is no result", "result", GARBAGE],
    ["is no error", "error", GARBAGE],
    ["is an item that nobody asked for", "item", encodeItem({ sequence: 0, value: 1 })],
    ["is no item", "item", GARBAGE],
    ["is no end", "end", GARBAGE],
  ] as const)("%s", async (_, kind, body) => {
    const all = await hostileScene();
    await all.peer.call(3, "bus:register", { name: "raw" });
    for (const bus of [all.hub, all.member]) {
      const request = rejection(bus.request("raw", 1, { timeoutMs: 30_000 }));
      const callId = await nextRequest(all.peer);
      await all.peer.send({ kind, callId, body });
      const error = await request;
      expect(error).toMatchObject({ code: expect.any(String) });
      expect(error).not.toMatchObject({ code: "REQUEST_TIMEOUT" });
      expect(bus.stats.pendingCalls).toBe(0);
    }
    await othersGoOn(all);
  });

  test.each([
    ["brings items beyond the credit", [0, 1, 2], "STREAM_OVERRUN"],
    ["brings items out of order", [1], "SEQUENCE_BROKEN"],
  ] as const)("%s", async (_, sequences, code) => {
    const all = await hostileScene();
    await all.peer.call(3, "bus:register", { name: "raw" });
    for (const bus of [all.hub, all.member]) {
      const stream = bus.stream("raw", null, { credit: 1, timeoutMs: 30_000 });
      const first = stream.next().catch((error: unknown) => error);
      const callId = await nextRequest(all.peer);
      for (const sequence of sequences) {
        await all.peer.send({ kind: "item", callId, body: encodeItem({ sequence, value: 1 }) });
      }
      await until(() => bus.stats.pendingCalls === 0);
      const results = [await first];
      for (const _ of sequences) {
        results.push(await stream.next().catch((error: unknown) => error));
      }
      expect(results).toContainEqual(expect.objectContaining({ code }));
    }
    await othersGoOn(all);
  });

  test("gives credit to a call that streams nothing", async () => {
    const all = await hostileScene();
    await all.peer.call(3, "bus:register", { name: "raw" });
    const request = rejection(all.member.request("raw", 1, { timeoutMs: 1_000 }));
    const callId = await nextRequest(all.peer);
    await all.peer.send({ kind: "credit", callId, body: encodeCredit({ count: 5 }) });
    await request;
    await othersGoOn(all);
  });
});
