import {
  encodeResult,
  type Frame,
  type FrameInit,
  PROTOCOL_VERSION,
  type Value,
} from "@amphis/protocol";
import { onTestFinished } from "vitest";

import { type Connection, handshake, listen } from "../../src/transport/index.ts";
import { until } from "../wait.ts";
import { unixAddress } from "./three-ways.ts";

/** A hub that lets everyone join, and then sends whatever it likes. */
export interface RawHub {
  readonly address: string;
  /** How many members joined so far. */
  readonly joined: number;
  /** To the member that joined last. */
  send(frame: FrameInit): Promise<void>;
  /** The next frame of a member that is no join. */
  next(): Promise<Frame>;
}

export async function rawHub(): Promise<RawHub> {
  const heard: Frame[] = [];
  let member: Connection | undefined;
  let joined = 0;
  const admit = async (stranger: Connection): Promise<void> => {
    const { connection } = await handshake(
      stranger,
      {
        product: "raw hub",
        versions: [PROTOCOL_VERSION, PROTOCOL_VERSION],
        codecs: ["msgpack"],
        limits: { maxFrameBytes: 0x10_0000, maxDepth: 100 },
        capabilities: ["bus"],
      },
      "responder",
    );
    let first = true;
    connection.receive((frame) => {
      if (!first) {
        heard.push(frame);
        return;
      }
      first = false;
      member = connection;
      joined += 1;
      const value: Value = { peer: "m/1", hub: "raw" };
      void connection.send({ kind: "result", callId: frame.callId, body: encodeResult({ value }) });
    });
  };
  const listener = await listen(unixAddress(), (connection) => void admit(connection));
  onTestFinished(() => listener.close());
  return {
    address: listener.address,
    get joined() {
      return joined;
    },
    send: async (frame) => member?.send(frame),
    next: async () => {
      await until(() => heard.length > 0);
      return heard.shift() as Frame;
    },
  };
}
