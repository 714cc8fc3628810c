import { once } from "node:events";
import { connect, type Socket } from "node:net";

import {
  encodeCall,
  encodeFrame,
  encodeHello,
  type Frame,
  FrameDecoder,
  type FrameInit,
  type Hello,
  type ValueMap,
} from "@amphis/protocol";

/** What a peer says of itself that speaks the bus. */
export const HELLO: Hello = {
  product: "raw",
  versions: [1, 1],
  codecs: ["msgpack", "compact", "json"],
  limits: { maxFrameBytes: 0x400_0000, maxDepth: 100 },
  capabilities: ["bus"],
};

/** A control call of the bus as a frame. */
export function control(callId: number, name: string, kwargs: ValueMap): FrameInit {
  const body = encodeCall({ function: `bus:${name}`, args: [], kwargs, options: {} });
  return { kind: "call", callId, body };
}

/** A peer that writes what it likes to a socket. */
export class RawPeer {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #decoder = new FrameDecoder();
  readonly #frames: Frame[] = [];
  #waiting: (() => void)[] = [];
  #over = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", resolve);
    });
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      this.#frames.push(...this.#decoder.feed(chunk));
      this.#wake();
    });
    void this.closed.then(() => {
      this.#over = true;
      this.#wake();
    });
  }

  /** The peer at this end of a socket. */
  static of(socket: Socket): RawPeer {
    return new RawPeer(socket);
  }

  /** Connects, and speaks no word. One that `stays` keeps its side open when the other side ends. */
  static async connect(path: string, stays = false): Promise<RawPeer> {
    const socket = connect({ path, allowHalfOpen: stays });
    const peer = new RawPeer(socket);
    await Promise.race([once(socket, "connect"), peer.closed]);
    return peer;
  }

  /** Connects and says hello. */
  static async greet(path: string, stays = false): Promise<RawPeer> {
    const peer = await RawPeer.connect(path, stays);
    peer.send({ kind: "hello", body: encodeHello(HELLO) });
    await peer.next();
    return peer;
  }

  /** Connects and joins the bus. */
  static async join(path: string, name: string): Promise<RawPeer> {
    const peer = await RawPeer.greet(path);
    peer.send(control(1, "join", { name }));
    await peer.next();
    return peer;
  }

  send(frame: FrameInit): void {
    this.write(encodeFrame(frame));
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** The next frame, or nothing when the connection ends before it. */
  async next(): Promise<Frame | undefined> {
    while (this.#frames.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return this.#frames.shift();
  }

  async destroy(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
