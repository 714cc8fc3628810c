import { describeTransport } from "@amphis/conformance/transport";
import type { Frame } from "@amphis/protocol";
import { expect, test } from "vitest";

import { inProcess } from "./in-process.ts";
import type { Connection } from "./transport.ts";

describeTransport("in process", async () => {
  const transport = inProcess();
  return {
    server: transport,
    client: transport,
    address: "inproc:kit",
    nobody: "inproc:nobody",
  };
});

async function pair(): Promise<[near: Connection, far: Connection]> {
  const transport = inProcess();
  const accepted: Connection[] = [];
  await transport.listen("inproc:a", (connection) => void accepted.push(connection));
  const near = await transport.connect("inproc:a");
  return [near, accepted[0] as Connection];
}

function nextFrame(connection: Connection): Promise<Frame> {
  return new Promise((resolve) => connection.receive(resolve));
}

test("bodies and attachments cross by reference", async () => {
  const [near, far] = await pair();
  const body = new Uint8Array(3);
  const attachments = [{ kind: "inline", data: new Uint8Array(5) }] as const;
  await near.send({ kind: "event", body, attachments });
  const frame = await nextFrame(far);
  expect(frame.body).toBe(body);
  expect(frame.attachments[0]?.data).toBe(attachments[0].data);
});

test("a frame is never handed over inside the call that sends it", async () => {
  const [near, far] = await pair();
  const order: string[] = [];
  far.receive(() => void order.push("received"));
  const sent = near.send({ kind: "event", body: new Uint8Array(0) });
  order.push("sent");
  await sent;
  order.push("accepted");
  await near.drain();
  expect(order).toEqual(["sent", "accepted", "received"]);
});

test("two connections that only talk to each other leave time for others", async () => {
  const [near, far] = await pair();
  near.receive((frame) => near.send(frame).catch(() => undefined));
  far.receive((frame) => far.send(frame).catch(() => undefined));
  await near.send({ kind: "event", body: new Uint8Array(0) });
  await new Promise((resolve) => void setTimeout(resolve, 5));
  await near.close();
  expect(far.state.kind).toBe("closed");
});

test("signs of life go to no receiver", async () => {
  const [near, far] = await pair();
  const kinds: string[] = [];
  far.receive(({ kind }) => void kinds.push(kind));
  for (const kind of ["ping", "pong", "event"] as const) {
    await near.send({ kind, body: new Uint8Array(0) });
  }
  await near.drain();
  expect(kinds).toEqual(["event"]);
});

test("names belong to one call of inProcess", async () => {
  const [one, other] = [inProcess(), inProcess()];
  await one.listen("inproc:a", () => undefined);
  await expect(other.connect("inproc:a")).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  await other.listen("inproc:a", () => undefined);
});

test.each([{ maxFrameBytes: 23 }, { maxFrameBytes: 1.5 }, { highWaterBytes: -1 }])(
  "options that make no sense are refused: %o",
  async (options) => {
    const transport = inProcess();
    await expect(transport.listen("inproc:a", () => undefined, options)).rejects.toThrow(
      RangeError,
    );
    await transport.listen("inproc:a", () => undefined);
    await expect(transport.connect("inproc:a", options)).rejects.toThrow(RangeError);
  },
);
