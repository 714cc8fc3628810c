import type { Connection } from "amphis/transport";
import { expect, test } from "vitest";

import { Bench } from "./bench.ts";
import { Inbox, numbered, outcome, refusal, upTo } from "./frames.ts";
import type { TransportPair } from "./pair.ts";
import { until, within } from "./within.ts";

/** Listeners and connections open and close, and fail with typed errors. */
export function describeOpening(open: () => Promise<TransportPair>): void {
  test("both ends are open, and know their peer as far as the transport tells", async () => {
    await using bench = new Bench(await open());
    const { near, far, listener } = await bench.open();
    expect([near.state, far.state, listener.state]).toEqual([
      { kind: "open" },
      { kind: "open" },
      { kind: "open" },
    ]);
    expect(near.peer.transport).toMatch(/^[a-z]+$/);
    expect(far.peer.transport).toBe(near.peer.transport);
    expect([typeof near.peer.address, typeof far.peer.address]).toEqual(["string", "string"]);
    expect([...listener.connections]).toEqual([far]);
  });

  test("200 connections at once, each of which carries frames", async () => {
    await using bench = new Bench(await open());
    const { client, server, address } = bench.pair;
    const listener = await server.listen(address, (connection) =>
      connection.receive((frame) => connection.send(frame)),
    );
    bench.defer(() => listener.close());
    const echoed = upTo(200).map(async (number) => {
      const connection = await client.connect(listener.address);
      const inbox = new Inbox(connection);
      await connection.send(numbered(number));
      await inbox.until(1);
      await connection.close();
      return inbox.numbers;
    });
    const numbers = await within("every echo", Promise.all(echoed));
    expect(numbers.flat()).toEqual(upTo(200));
    await until("the end of every connection", () => listener.connections.size === 0);
  });

  test("a listener forgets a connection that ended", async () => {
    await using bench = new Bench(await open());
    const { near, far, listener } = await bench.open();
    await near.close();
    await within("the end of the other side", far.closed);
    expect(listener.connections.size).toBe(0);
  });

  test("a listener that closes ends its connections, twice and concurrently too", async () => {
    await using bench = new Bench(await open());
    const { near, far, listener } = await bench.open();
    await within(
      "every close",
      Promise.all([listener.close(), listener.drain(), listener.close()]),
    );
    expect([listener.state, listener.connections.size]).toEqual([{ kind: "closed" }, 0]);
    expect((await within("the end of its side", far.closed)).kind).toBe("local");
    await within("the end of the other side", near.closed);
    await listener.drain();
    await listener[Symbol.asyncDispose]();
  });

  test("a listener that drains sends what its connections accepted", async () => {
    await using bench = new Bench(await open());
    const { near, far, listener } = await bench.open();
    const inbox = new Inbox(near);
    for (const number of upTo(500)) await far.send(numbered(number));
    const drained = listener.drain();
    expect(listener.state.kind).toBe("draining");
    await within("drain", drained);
    expect(listener.state).toEqual({ kind: "closed" });
    await within("the end of the other side", near.closed);
    expect(inbox.numbers).toEqual(upTo(500));
  });

  test("an acceptor that throws closes that connection, and no other", async () => {
    await using bench = new Bench(await open());
    const { client, server, address } = bench.pair;
    const accepted: Connection[] = [];
    let first = true;
    const listener = await server.listen(address, (connection) => {
      if (first) {
        first = false;
        throw new Error("not this one");
      }
      accepted.push(connection);
    });
    bench.defer(() => listener.close());
    const refused = await client.connect(listener.address);
    bench.defer(() => refused.close());
    expect((await within("the end of the refused one", refused.closed)).kind).not.toBe("local");
    const taken = await client.connect(listener.address);
    bench.defer(() => taken.close());
    await until("the second connection", () => accepted.length === 1);
    expect([listener.state.kind, listener.connections.size]).toEqual(["open", 1]);
  });

  test("a signal that is aborted opens nothing, and its reason is the error", async () => {
    await using bench = new Bench(await open());
    const { listener } = await bench.listen();
    const reason = new Error("changed my mind");
    const signal = AbortSignal.abort(reason);
    const { client, server, address } = bench.pair;
    const refused = { kind: "refused", error: reason };
    const connected = client.connect(listener.address, { signal });
    expect(await outcome(connected.then(() => undefined))).toEqual(refused);
    const listening = server.listen(address, () => undefined, { signal });
    expect(await outcome(listening.then(() => undefined))).toEqual(refused);
    expect(listener.connections.size).toBe(0);
  });

  test("a signal that is aborted later harms nothing", async () => {
    await using bench = new Bench(await open());
    const controller = new AbortController();
    const { signal } = controller;
    const { near, far, listener } = await bench.open({ near: { signal }, far: { signal } });
    controller.abort();
    const inbox = new Inbox(far);
    await near.send(numbered(1));
    await inbox.until(1);
    expect([near.state.kind, listener.state.kind]).toEqual(["open", "open"]);
  });

  test("connecting that is aborted on the way ends with the reason, or was done before", async () => {
    await using bench = new Bench(await open());
    const { listener } = await bench.listen();
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const connecting = bench.pair.client.connect(listener.address, { signal: controller.signal });
    controller.abort(reason);
    const ended = await outcome(within("the attempt", connecting).then((one) => void one.close()));
    if (ended.kind === "refused") expect(ended.error).toBe(reason);
    await until("the end of the attempt", () => listener.connections.size === 0);
  });
}

/** For transports that have addresses. */
export function describeAddresses(open: () => Promise<TransportPair>): void {
  test("connecting where nobody listens fails", async () => {
    await using bench = new Bench(await open());
    const { client, nobody = "" } = bench.pair;
    const error = await refusal("connect", client.connect(nobody));
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toMatch(/^Cannot connect .*: .*[^.]$/s);
  });

  test("connecting after the listener closed fails", async () => {
    await using bench = new Bench(await open());
    const { listener } = await bench.listen();
    await listener.close();
    const error = await refusal("connect", bench.pair.client.connect(listener.address));
    expect(error.code).toBe("CONNECT_FAILED");
  });

  test("listening where somebody listens fails, and harms nobody", async () => {
    await using bench = new Bench(await open());
    const { near, far, listener } = await bench.open();
    const again = bench.pair.server.listen(listener.address, () => undefined);
    expect((await refusal("listen", again)).code).toBe("LISTEN_FAILED");
    const inbox = new Inbox(far);
    await near.send(numbered(1));
    await inbox.until(1);
  });

  test("an address can be listened on again", async () => {
    await using bench = new Bench(await open());
    const { listener } = await bench.listen();
    const { client, server } = bench.pair;
    await listener.close();
    const again = await server.listen(listener.address, () => undefined);
    bench.defer(() => again.close());
    await (await client.connect(again.address)).close();
  });

  test.each(["", "nonsense", "other-scheme:a", "://", "\u0000"])(
    "%j is no address",
    async (address) => {
      await using bench = new Bench(await open());
      const { client, server } = bench.pair;
      expect((await refusal("connect", client.connect(address))).code).toBe("ADDRESS_INVALID");
      const listening = server.listen(address, () => undefined);
      expect((await refusal("listen", listening)).code).toBe("ADDRESS_INVALID");
    },
  );
}
