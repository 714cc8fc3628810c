import { decodeRelease } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { type RemoteObject, StepRef } from "../../src/worker/index.ts";
import { rejection, until } from "../wait.ts";
import { RawPeer } from "./raw-peer.ts";
import { answerOf, callOf, OVER, sharedWorker, startWorker } from "./started.ts";

const shared = sharedWorker();

async function counter(start: number): Promise<RemoteObject> {
  return (await shared().call("counter", start)) as RemoteObject;
}

describe("a live object of Python", () => {
  test("is a remote object, also within values, and goes back as itself", async () => {
    const { call, conversation } = shared();
    const [one, first, { inner }] = (await call("both")) as [
      number,
      RemoteObject,
      { inner: RemoteObject },
    ];
    expect(one).toBe(1);
    expect([first, inner]).toMatchObject([{ type: "work.Counter" }, { type: "work.Counter" }]);
    expect(first.conversation).toBe(conversation);
    expect(await call("add", inner, 1)).toBe(7);
    expect(await call("add", first, 1)).toBe(6);
  });

  test("lives until it is released, which works once", async () => {
    const { call } = await startWorker();
    const live = (await call("counter", 1)) as RemoteObject;
    expect(await call("alive")).toBe(1);
    live.release();
    live.release();
    expect(live.isReleased).toBe(true);
    expect(await call("alive")).toBe(0);
  });

  test("is refused once it was released, with its worker ended, and by another worker", async () => {
    const live = await counter(1);
    const other = await startWorker();
    const elsewhere = await rejection(other.call("echo", live));
    expect(elsewhere).toMatchObject({ code: "HANDLE_ELSEWHERE", type: "work.Counter" });
    live.release();
    expect(await rejection(shared().call("echo", [live]))).toMatchObject({
      code: "HANDLE_GONE",
      reason: "it was released",
    });
    const orphan = (await other.call("counter", 1)) as RemoteObject;
    other.conversation.end(OVER);
    expect(await rejection(shared().call("echo", orphan))).toMatchObject({
      code: "HANDLE_GONE",
      reason: "its worker has ended",
    });
  });

  test("is what `wrap` makes of it, and `unwrap` finds it again", async () => {
    class Proxy {
      readonly remote: RemoteObject;
      constructor(remote: RemoteObject) {
        this.remote = remote;
      }
    }
    const { call } = await startWorker({
      wrap: (remote) => new Proxy(remote),
      unwrap: (thing) => (thing instanceof Proxy ? thing.remote : undefined),
    });
    const live = await call("counter", 5);
    expect(live).toBeInstanceOf(Proxy);
    expect(await call("add", live, 1)).toBe(6);
  });
});

describe("a program", () => {
  test("is one question, and only its last result travels", async () => {
    const { conversation } = shared();
    const ref = (index: number): unknown => new StepRef(index);
    const answer = await answerOf(conversation, {
      kind: "program",
      name: "counter().add()",
      steps: [
        ["name", "work:counter"],
        ["call", ref(0), [10], {}],
        ["get", ref(1), "add"],
        ["call", ref(2), [5], {}],
      ],
    });
    expect(answer).toBe(15);
  });

  test("that fails names the step", async () => {
    const { conversation } = shared();
    const steps = [
      ["name", "work"],
      ["get", new StepRef(0), "nothing"],
    ] as const;
    const failure = await rejection(answerOf(conversation, { kind: "program", name: "p", steps }));
    expect(failure).toMatchObject({ context: { step: 1 } });
  });

  test("is where steps belong: a call refuses them", async () => {
    const { call } = shared();
    expect(await rejection(call("echo", new StepRef(0)))).toMatchObject({
      code: "VALUE_UNSUPPORTED",
    });
  });
});

describe("releases", () => {
  test("go with the next call, in one frame before it", async () => {
    const peer = await RawPeer.open();
    for (const id of [3, 4, 5]) peer.conversation.letGo(id);
    peer.conversation.start(callOf("echo"), { resolve: () => {}, reject: () => {} });
    await peer.heard("call");
    expect(peer.frames.map(({ kind }) => kind)).toEqual(["release", "call"]);
    expect(decodeRelease((await peer.heard("release")).body)).toEqual({ ids: [3, 4, 5] });
  });

  test("go together a little later when there is no call", async () => {
    const peer = await RawPeer.open();
    for (let id = 0; id < 10; id += 1) peer.conversation.letGo(id);
    await new Promise((resolve) => setImmediate(resolve));
    expect(peer.frames).toEqual([]);
    await until(() => peer.frames.length > 0);
    expect(peer.frames).toHaveLength(1);
  });
});
