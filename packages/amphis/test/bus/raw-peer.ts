import {
  decodeErrorBody,
  decodeResult,
  encodeCall,
  type Frame,
  type FrameInit,
  Message,
  messageCodec,
  type MessageInit,
  PROTOCOL_VERSION,
  type Value,
  type ValueMap,
} from "@amphis/protocol";
import { onTestFinished } from "vitest";

import {
  type CloseReason,
  connect,
  type Connection,
  handshake,
} from "../../src/transport/index.ts";
import { until } from "../wait.ts";
import { gate } from "./gate.ts";

const MESSAGES = messageCodec("msgpack");

/** A peer that may send a hub whatever it likes. */
export interface RawPeer {
  readonly connection: Connection;
  /** Everything that the hub has sent. */
  readonly heard: readonly Frame[];
  readonly closed: Promise<CloseReason>;
  send(frame: FrameInit): Promise<void>;
  /** Reads no further than one more frame. @returns what lets it go on */
  pause(): () => void;
  /** Sends a control call and waits for its answer: the value, or the error. */
  call(callId: number, name: string, kwargs: ValueMap): Promise<unknown>;
  message(callId: number, message: MessageInit): Promise<void>;
  /** The answer to a call. */
  answer(callId: number): Promise<unknown>;
}

export async function rawPeer(address: string, capabilities = ["bus"]): Promise<RawPeer> {
  const raw = await connect(address);
  const { connection } = await handshake(
    raw,
    {
      product: "raw",
      versions: [PROTOCOL_VERSION, PROTOCOL_VERSION],
      codecs: ["msgpack", "json"],
      limits: { maxFrameBytes: 0x10_0000, maxDepth: 100 },
      capabilities,
    },
    "initiator",
  );
  onTestFinished(async () => void (await connection.close()));
  const heard: Frame[] = [];
  let paused: Promise<void> | undefined;
  connection.receive((frame) => {
    heard.push(frame);
    return paused;
  });
  const answer = async (callId: number): Promise<unknown> => {
    const isAnswer = (frame: Frame): boolean =>
      frame.callId === callId && (frame.kind === "result" || frame.kind === "error");
    await until(() => heard.some(isAnswer) || connection.state.kind === "closed");
    const frame = heard.find(isAnswer);
    if (frame === undefined) return undefined;
    return frame.kind === "result" ? decodeResult(frame.body).value : decodeErrorBody(frame.body);
  };
  return {
    connection,
    heard,
    closed: connection.closed,
    pause: () => {
      const { opened, open } = gate();
      paused = opened;
      return () => {
        paused = undefined;
        open();
      };
    },
    send: (frame) => connection.send(frame),
    call: async (callId, name, kwargs) => {
      await connection.send({ kind: "call", callId, body: callBody(name, kwargs) });
      return answer(callId);
    },
    message: (callId, message) =>
      connection.send({ kind: "message", callId, body: MESSAGES.encode(new Message(message)) }),
    answer,
  };
}

/** A raw peer that has joined by its first call. */
export async function joinedPeer(address: string, name = "raw"): Promise<RawPeer> {
  const peer = await rawPeer(address);
  await peer.call(1, "bus:join", { name });
  return peer;
}

export function callBody(name: string, kwargs: ValueMap): Uint8Array {
  return encodeCall({ function: name, args: [] as Value[], kwargs, options: {} });
}
