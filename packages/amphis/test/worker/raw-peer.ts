import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  encodeEvent,
  type Frame,
  type FrameInit,
  type FrameKind,
  msgpack,
  PROTOCOL_VERSION,
  type Value,
} from "@amphis/protocol";
import { onTestFinished } from "vitest";

import { type Connection, handshake, unixSocket } from "../../src/transport/index.ts";
import { Conversation, type ConversationInit } from "../../src/worker/conversation/conversation.ts";
import { until } from "../wait.ts";
import { OVER } from "./started.ts";

export const READY = {
  event: "ready",
  pid: 1,
  python: "3.11.0",
  implementation: "CPython",
  executable: "/python",
  loaded: [],
  failed: [],
};

/** The other end of a conversation, which says whatever a test wants. Both end with the test. */
export class RawPeer {
  readonly conversation: Conversation;
  readonly channel: Connection;
  readonly control: Connection;
  /** What came over the channel, and what over the control line. */
  readonly frames: readonly Frame[];
  readonly controls: readonly Frame[];

  private constructor(
    init: Pick<RawPeer, "conversation" | "channel" | "control" | "frames" | "controls">,
  ) {
    this.conversation = init.conversation;
    this.channel = init.channel;
    this.control = init.control;
    this.frames = init.frames;
    this.controls = init.controls;
  }

  /** @param begin is called before anything was said; false: the peer never says that it is ready */
  static async open(
    options: Partial<ConversationInit> = {},
    begin?: ((conversation: Conversation) => void) | false,
  ): Promise<RawPeer> {
    const [connection, channel] = await pair();
    const [control, peerControl] = await pair();
    const conversation = new Conversation({
      worker: 7,
      pool: "raw",
      ...options,
      connection,
      control,
    });
    onTestFinished(() => void conversation.end(OVER));
    if (begin !== undefined && begin !== false) begin(conversation);
    const controls: Frame[] = [];
    peerControl.receive((frame) => void controls.push(frame));
    const hello = {
      product: "raw",
      versions: [PROTOCOL_VERSION, PROTOCOL_VERSION],
      codecs: ["msgpack"],
      limits: { maxFrameBytes: 1_000_000, maxDepth: 128 },
      capabilities: [],
    } as const;
    const agreed = await handshake(channel, hello, "responder");
    const frames: Frame[] = [];
    agreed.connection.receive((frame) => void frames.push(frame));
    const peer = new RawPeer({
      conversation,
      channel: agreed.connection,
      control: peerControl,
      frames,
      controls,
    });
    if (begin === false) return peer;
    await peer.tell("event", READY);
    await conversation.ready;
    return peer;
  }

  /** Sends a frame of any body over the channel. */
  say(kind: FrameKind, callId: number, body: Value, more: Partial<FrameInit> = {}): Promise<void> {
    return this.channel.send({ kind, callId, body: msgpack().encode(body), ...more });
  }

  /** The same over the control line. */
  tell(kind: FrameKind, body: Value): Promise<void> {
    return this.control.send({ kind, body: encodeEvent(body as never) });
  }

  /** The first frame of a kind that came. */
  async heard(kind: FrameKind): Promise<Frame> {
    let found: Frame | undefined;
    await until(() => {
      found = this.frames.find((frame) => frame.kind === kind);
      return found !== undefined;
    });
    return found as Frame;
  }
}

/** The two ends of a connection over a Unix socket. */
async function pair(): Promise<readonly [Connection, Connection]> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-raw-"));
  const address = `unix:${join(folder, "s")}`;
  const transport = unixSocket();
  let take: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    take = resolve;
  });
  const listener = await transport.listen(address, (connection) => take(connection));
  const [there, here] = await Promise.all([transport.connect(address), accepted]);
  onTestFinished(async () => {
    await Promise.all([here.close(), there.close(), listener.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  return [here, there];
}
