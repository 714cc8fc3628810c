import {
  Attachment,
  encodeError,
  Handle,
  type FrameKind,
  type Value,
  AmphisError,
} from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import type { Work } from "../../src/worker/index.ts";
import { RawPeer, READY } from "./raw-peer.ts";
import { answerOf, callOf, OVER } from "./started.ts";

const CALL = callOf("echo");
const STREAM: Work = { ...CALL, stream: true };
const IGNORE = { resolve: () => {}, reject: () => {} };
const ERROR = encodeError(new AmphisError("PYTHON_ERROR", "x", {} as never)) as unknown as Value;

/** Starts a call and a stream with two credits, has the peer say something, and tells why the connection ended. */
async function endOf(say: (peer: RawPeer) => Promise<unknown>): Promise<unknown> {
  const peer = await RawPeer.open();
  const { conversation } = peer;
  conversation.start(CALL, IGNORE);
  conversation.start(STREAM, IGNORE);
  conversation.credit(2, 2);
  const settled: string[] = [];
  const sink = { resolve: () => settled.push("resolved"), reject: () => settled.push("rejected") };
  conversation.start(callOf("later"), sink);
  await peer.heard("credit");
  await say(peer);
  const reason = await peer.channel.closed;
  // The peer sees its socket closed; this side knows why.
  expect(reason.kind).not.toBe("local");
  const left = conversation.end(OVER);
  expect(left.at(-1)?.work.name).toBe("later");
  expect(settled).toEqual([]);
  return conversation.failure;
}

describe("a worker that sends what it may not has its connection ended with a typed error", () => {
  test.each<readonly [string, FrameKind, number, Value, string]>([
    ["a result for a call that was never made", "result", 99, [1], "no call 99"],
    ["an error for a call that was never made", "error", 99, ERROR, "no call 99"],
    ["an item for a call that was never made", "item", 99, [0, 1], "no call 99"],
    ["an end for a call that was never made", "end", 99, [0], "no call 99"],
    [
      "a result with the largest id",
      "result",
      Number.MAX_SAFE_INTEGER,
      [1],
      "no call 9007199254740991",
    ],
    ["a result without a value", "result", 1, [], "no value"],
    ["a result that is no list", "result", 1, { value: 1 }, "no value"],
    ["a result for a stream", "result", 2, [1], "answered by a stream"],
    ["an item for a call", "item", 1, [0, 1], "not answered by a stream"],
    ["an end for a call", "end", 1, [0], "not answered by a stream"],
    ["an item out of order", "item", 2, [1, 1], "item 0 comes next"],
    ["an item without a sequence", "item", 2, ["x"], "no item"],
    ["an end that counts wrong", "end", 2, [5], "there were 0 items"],
    ["an error that is a list", "error", 1, [1], "map with string keys"],
    ["an error without a code", "error", 1, {}, "$.code"],
    ["a handle of a step", "result", 1, [new Handle(0, "amphis.step")], "handle"],
    ["a handle of a kind that is reserved", "result", 1, [new Handle(0, "amphis.new")], "handle"],
    ["a function that it was not given", "result", 1, [new Handle(5, "amphis.function")], "handle"],
    ["an attachment that is not there", "result", 1, [new Attachment(0, "bytes")], "attachment 0"],
    ["a callback of nothing", "callback", 1, [5, "call", [], {}], "call of 5"],
    ["a callback of a wrong shape", "callback", 1, ["f"], "a list of 4"],
    ["a release of a wrong shape", "release", 0, ["x"], "a list"],
    ["a call", "call", 1, ["m:f", [], {}, {}], "no frames of this kind"],
    ["a log over the channel", "log", 0, {}, "no frames of this kind"],
  ])("%s", async (_name, kind, callId, body, reason) => {
    expect(await endOf((peer) => peer.say(kind, callId, body))).toMatchObject({
      code: "WORKER_FRAME_REFUSED",
      pool: "raw",
      worker: 7,
      frame: kind,
      callId,
      reason: expect.stringContaining(reason) as string,
    });
  });

  test("bytes that are no value", async () => {
    const body = Uint8Array.of(0xc1);
    const end = await endOf((peer) => peer.channel.send({ kind: "result", callId: 1, body }));
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", cause: { code: "DECODE_FAILED" } });
  });

  test("a second result", async () => {
    const end = await endOf(async (peer) => {
      await peer.say("result", 1, [1]);
      await peer.say("result", 1, [2]);
    });
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", callId: 1 });
  });

  test("more items than there is credit for", async () => {
    const end = await endOf(async (peer) => {
      for (let at = 0; at < 3; at += 1) await peer.say("item", 2, [at, null]);
    });
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", frame: "item", callId: 2 });
  });

  test("an item behind the end", async () => {
    const end = await endOf(async (peer) => {
      await peer.say("end", 2, [0]);
      await peer.say("item", 2, [0, null]);
    });
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", frame: "item", callId: 2 });
  });

  test("an attachment that is named twice", async () => {
    const twice = [[new Attachment(0, "bytes"), new Attachment(0, "bytes")]];
    const attachments = [{ kind: "inline", data: Uint8Array.of(1) }] as const;
    const end = await endOf((peer) => peer.say("result", 1, twice, { attachments }));
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", callId: 1 });
  });

  test("a reference where no memory is shared rejects its call alone", async () => {
    const { conversation, say, heard } = bound(await RawPeer.open());
    const answer = answerOf(conversation, CALL);
    const other = answerOf(conversation, CALL);
    await heard("call");
    const attachments = [{ kind: "reference", data: new Uint8Array(8) }] as const;
    await say("result", 1, [new Attachment(0, "bytes")], { attachments });
    await expect(answer).rejects.toMatchObject({ code: "MEMORY_REFUSED" });
    await say("result", 2, ["fine"]);
    expect(await other).toBe("fine");
  });

  test.each<readonly [string, FrameKind, Value]>([
    ["a ready event without a pid", "event", { ...READY, pid: "x" }],
    ["an event without a name", "event", { text: "x" }],
    ["a log of no level", "log", { time: 1, level: "loud", logger: "", message: "", call: 0 }],
    ["a result on the control line", "result", [1]],
  ])("%s", async (_name, kind, body) => {
    const end = await endOf((peer) => peer.tell(kind, body));
    expect(end).toMatchObject({ code: "WORKER_FRAME_REFUSED", frame: kind });
  });

  test("and a conversation with another worker does not notice", async () => {
    const bad = await RawPeer.open();
    const good = await RawPeer.open();
    const answer = answerOf(good.conversation, CALL);
    await bad.say("result", 1, [1]);
    await bad.channel.closed;
    await good.heard("call");
    await good.say("result", 1, ["fine"]);
    expect(await answer).toBe("fine");
  });
});

function bound(peer: RawPeer): Pick<RawPeer, "conversation" | "say" | "heard"> {
  return {
    conversation: peer.conversation,
    say: peer.say.bind(peer),
    heard: peer.heard.bind(peer),
  };
}
