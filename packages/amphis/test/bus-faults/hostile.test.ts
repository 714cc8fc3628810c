import {
  codec,
  encodeFrame,
  encodeHello,
  FRAME_KINDS,
  type FrameKind,
  Message,
  messageCodec,
  type MessageInit,
  type MessageType,
} from "@amphis/protocol";
import type { Bus } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";

import { until } from "../wait.ts";
import {
  type Bystanders,
  bystanders,
  clear,
  descriptorsFall,
  folder,
  holdings,
  opened,
} from "./stage.ts";
import { descriptors } from "./usage.ts";
import { control, HELLO, RawPeer } from "./wire.ts";

afterEach(clear);

interface Scene {
  readonly path: string;
  readonly hub: Bus;
  readonly others: Bystanders;
  readonly before: unknown;
  readonly descriptors: number;
}

const LAST_CALL = 9_999;
/** Kinds that a bus has. */
const KNOWN: readonly FrameKind[] = [
  "message",
  "message",
  "message",
  "call",
  "result",
  "error",
  "item",
  "end",
  "credit",
  "cancel",
];
const TOKEN = "the right one";

/** A hub with members that keep talking, whatever strangers do. */
async function scene({ token }: { readonly token?: string } = {}): Promise<Scene> {
  const path = `${folder()}/hub.sock`;
  const hub = await opened({
    listen: `unix:${path}`,
    name: "hub",
    tokens: token,
    connection: { heartbeatMs: 300 },
  });
  const others = await bystanders(`unix:${path}`, token);
  return { path, hub, others, before: await holdings(hub), descriptors: descriptors() };
}

/** Holds that nothing is left of whoever attacked, and that the members went on all the while. */
async function unharmed(stage: Scene): Promise<void> {
  const { hub, others, before } = stage;
  const asked = others.asked();
  await until(() => others.asked() > asked + 3);
  await expect.poll(async () => holdings(hub)).toEqual(before);
  await descriptorsFall(stage.descriptors);
  expect(await others.stop()).toEqual([]);
}

/** Does it so often, with so many at the same time. */
async function often(
  count: number,
  atOnce: number,
  act: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (; next < count; await act(next - 1)) next += 1;
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Numbers that look like chance and are the same in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed + 1;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % sides;
  };
}

function noise(length: number, roll: (sides: number) => number): Uint8Array {
  return Uint8Array.from({ length }, () => roll(256));
}

/** A header alone, with what it claims. */
function header(bodyBytes: number): Uint8Array {
  const bytes = encodeFrame({ kind: "message", body: new Uint8Array(0) }).slice();
  new DataView(bytes.buffer).setUint32(16, bodyBytes, true);
  return bytes;
}

const VALUE = codec("msgpack");
const MESSAGE = messageCodec("msgpack");

function message(type: MessageType, target: string, more: Partial<MessageInit> = {}): Uint8Array {
  return MESSAGE.encode(new Message({ type, target, payload: "x".repeat(100), ...more }));
}

describe("a connection that is cut", () => {
  it("takes with it what its member had, wherever in a frame it is cut", async () => {
    const stage = await scene();
    const body = message("request", "bystander.echo");
    const frame = encodeFrame({ kind: "message", callId: 5, body });
    await often(60, 10, async (n) => {
      const peer = await RawPeer.join(stage.path, "raw");
      peer.send(control(3, "register", { name: `raw.${n}` }));
      await peer.next();
      const cut = Math.ceil(((n + 1) * (frame.length - 1)) / 60);
      await new Promise((resolve) => peer.socket.write(frame.subarray(0, cut), resolve));
      await peer.destroy();
    });
    await unharmed(stage);
  });

  it("ends in good order, and leaves nothing, when it is half closed while events wait for it", async () => {
    const stage = await scene();
    const peer = await RawPeer.join(stage.path, "raw");
    peer.send(
      control(3, "subscribe", { pattern: "flood", policy: "drop-oldest", maxMessages: 1_000 }),
    );
    await peer.next();
    peer.socket.pause();
    const payload = "x".repeat(10_000);
    for (let n = 0; n < 200; n += 1) await stage.hub.publish("flood", payload);
    peer.socket.end();
    await new Promise((resolve) => setImmediate(resolve));
    const gone = peer.closed.then(() => true);
    const publishing = (async () => {
      const turn = async (): Promise<false> =>
        new Promise((resolve) => setImmediate(() => resolve(false)));
      do await stage.hub.publish("flood", payload);
      while (!(await Promise.race([gone, turn()])));
    })();
    peer.socket.resume();
    await publishing;
    await unharmed(stage);
  });
});

describe("strangers that flood a hub", () => {
  it("are refused when they send bytes that are no frames", async () => {
    const stage = await scene();
    await often(300, 50, async (n) => {
      const peer = await RawPeer.connect(stage.path);
      peer.write(noise(4_096, dice(n)));
      await peer.closed;
    });
    await unharmed(stage);
  });

  it("are refused when they claim frames beyond any limit", async () => {
    const stage = await scene();
    await often(200, 50, async (n) => {
      const peer =
        n % 2 === 0 ? await RawPeer.connect(stage.path) : await RawPeer.greet(stage.path);
      peer.write(header(0xffff_ffff));
      await peer.closed;
    });
    await unharmed(stage);
  });

  it.each(Object.keys(FRAME_KINDS) as FrameKind[])(
    "are refused when they send a %s where something else belongs",
    async (kind) => {
      const stage = await scene();
      const body = encodeHello(HELLO);
      await often(30, 10, async (n) => {
        const early = n % 2 === 0;
        const peer = early ? await RawPeer.connect(stage.path) : await RawPeer.greet(stage.path);
        peer.send({ kind, callId: n, body });
        // A hello where it belongs, and signs of life, are no offence: the next frame is.
        peer.send({ kind: "log", body });
        peer.send({ kind: "log", body });
        await Promise.race([peer.closed, peer.next().then(async () => peer.next())]);
        await peer.destroy();
      });
      await unharmed(stage);
    },
  );

  it("cannot make the hub hold more than a small frame of each, when they never finish one", async () => {
    const stage = await scene();
    const chunk = new Uint8Array(0x1_0000);
    const buffers = process.memoryUsage().arrayBuffers;
    const peers = await Promise.all(
      Array.from({ length: 16 }, async (_, n) =>
        n % 2 === 0 ? RawPeer.connect(stage.path) : RawPeer.greet(stage.path),
      ),
    );
    let most = 0;
    for (const peer of peers) {
      peer.write(header(0x300_0000));
      for (let n = 0; n < 32; n += 1) peer.write(chunk);
    }
    await Promise.all(
      peers.map(async (peer) => {
        await peer.closed;
        most = Math.max(most, process.memoryUsage().arrayBuffers - buffers);
      }),
    );
    // Refused at the header, so nothing of what follows is kept.
    expect(most).toBeLessThan(0x40_0000);
    await unharmed(stage);
  });

  it("are told that their token is wrong, each of two thousand", async () => {
    const stage = await scene({ token: TOKEN });
    const refused = stage.hub.stats.refused;
    await often(2_000, 50, async (n) => {
      const peer = await RawPeer.greet(stage.path);
      peer.send(control(1, "join", { name: "stranger", token: `wrong ${n}` }));
      const answer = await peer.next();
      expect(answer?.kind).toBe("error");
      peer.socket.end();
      await peer.closed;
    });
    expect(stage.hub.stats.refused - refused).toBe(2_000);
    await unharmed(stage);
  });

  it("are let go when they do not leave by themselves after they were refused", async () => {
    const stage = await scene({ token: TOKEN });
    const ping = encodeFrame({ kind: "ping", body: new Uint8Array(0) });
    await often(20, 20, async () => {
      const peer = await RawPeer.greet(stage.path, true);
      peer.send(control(1, "join", { name: "stranger", token: "wrong" }));
      // It gives signs of life for as long as it is let.
      const signs = setInterval(() => peer.write(ping), 50);
      await peer.closed;
      clearInterval(signs);
    });
    await unharmed(stage);
  }, 30_000);
});

describe("a member that breaks the rules", () => {
  it.each(Array.from({ length: 8 }, (_, seed) => seed))(
    "ends its own connection at most, whatever frames it sends: seed %i",
    async (seed) => {
      const stage = await scene();
      const roll = dice(seed);
      const kinds = Object.keys(FRAME_KINDS) as FrameKind[];
      const bodies = [
        new Uint8Array(0),
        noise(40, roll),
        encodeHello(HELLO),
        control(1, "subscribe", { pattern: "#", policy: "disconnect", maxMessages: 1 }).body,
        control(1, "register", { name: "raw.shared", shared: true }).body,
        control(1, "register", { name: 7 }).body,
        control(1, "route", { pattern: "**", to: "raw.shared", priority: -1 }).body,
        control(1, "report", { name: "raw.shared", status: "unhealthy" }).body,
        control(1, "find", {}).body,
        control(1, "nothing", {}).body,
        VALUE.encode({ count: 0x7fff_ffff }),
        VALUE.encode([0, 0, 1, "raw.shared"]),
        message("request", "bystander.echo"),
        message("request", "raw.shared", { ttlMs: 1 }),
        message("request", "raw.shared"),
        message("event", "news", { source: "somebody else" }),
        message("event", "news"),
        message("event", "$endpoint.up.bystander"),
      ];
      const extras = [{ credit: 0x7fff_ffff, input: true }, { endpoint: "asker" }, { credit: -1 }];
      await often(100, 10, async () => {
        const peer = await RawPeer.join(stage.path, "raw");
        for (let n = 0; n < 40; n += 1) {
          // Most break no rule that ends the connection, so that those behind them are read too.
          const rude = roll(50) === 0;
          const kind = (rude ? kinds : KNOWN)[roll(rude ? kinds.length : KNOWN.length)] ?? "call";
          const opens = kind === "message" || kind === "call";
          const extra = VALUE.encode(extras[roll(extras.length)] ?? null);
          peer.send({
            kind,
            callId: opens && !rude ? (2 * n + 3) * roll(2) : roll(2 * n + 12),
            priority: (["low", "normal", "high", "critical"] as const)[roll(4)] ?? "normal",
            codec: "msgpack",
            body: bodies[roll(bodies.length)] as Uint8Array,
            attachments: roll(4) === 0 ? [{ kind: "inline", data: extra }] : [],
          });
        }
        // Answered behind all of it, unless it was too much.
        peer.send(control(LAST_CALL, "find", {}));
        for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
          if (frame.callId === LAST_CALL) break;
        }
        await peer.destroy();
      });
      await unharmed(stage);
    },
  );
});
