import type { AmphisError, Frame, FrameInit } from "@amphis/protocol";

import type { MemoryLink } from "../memory/index.ts";
import type {
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionState,
  PeerIdentity,
  Receiver,
  SendOptions,
} from "./transport.ts";

/** A connection whose first frame is taken apart from the others. */
export interface Introduction {
  readonly firstFrame: Promise<Frame>;
  /** Takes all further frames. */
  readonly connection: Connection;
}

/**
 * A connection whose first frame somebody else took.
 *
 * It is the receiver of the connection below and hands frames on; until it has a receiver itself, nothing more is read.
 */
export class AgreedConnection implements Connection {
  readonly #below: Connection;
  #receiver: Receiver | undefined;
  #onReceiver: ((receiver: Receiver) => void) | undefined;

  private constructor(below: Connection) {
    this.#below = below;
  }

  static introduce(below: Connection): Introduction {
    const connection = new AgreedConnection(below);
    let introduced = false;
    const firstFrame = new Promise<Frame>((resolve) => {
      below.receive((frame) => {
        if (introduced) return connection.#hand(frame);
        introduced = true;
        resolve(frame);
        // What the hello leads to holds for the next frame, so it is not read before.
        return connection.#received().then(() => undefined);
      });
    });
    return { firstFrame, connection };
  }

  get state(): ConnectionState {
    return this.#below.state;
  }

  get peer(): PeerIdentity {
    return this.#below.peer;
  }

  get limits(): ConnectionLimits {
    return this.#below.limits;
  }

  get closed(): Promise<CloseReason> {
    return this.#below.closed;
  }

  get isFull(): boolean {
    return this.#below.isFull;
  }

  get queuedBytes(): number {
    return this.#below.queuedBytes;
  }

  get silentMs(): number {
    return this.#below.silentMs;
  }

  get memory(): MemoryLink | undefined {
    return this.#below.memory;
  }

  pump(timeoutMs: number, interrupt?: Int32Array): boolean {
    if (this.#below.pump === undefined) {
      throw new TypeError(`Cannot block for frames: ${this.peer.transport} cannot`);
    }
    return this.#below.pump(timeoutMs, interrupt);
  }

  send(frame: FrameInit, options?: SendOptions): Promise<void> {
    return this.#below.send(frame, options);
  }

  receive(receiver: Receiver): void {
    if (this.#receiver !== undefined && this.#receiver !== discard) {
      throw new TypeError("Cannot set receiver: the connection has one already");
    }
    this.#setReceiver(receiver);
  }

  agree(limits: Partial<ConnectionLimits>): void {
    this.#below.agree(limits);
  }

  /** Drops what comes when nobody took it so far: the end behind it must be read. */
  drain(): Promise<CloseReason> {
    if (this.#receiver === undefined) this.#setReceiver(discard);
    return this.#below.drain();
  }

  close(error?: AmphisError): Promise<CloseReason> {
    return this.#below.close(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #setReceiver(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#onReceiver?.(receiver);
  }

  #hand(frame: Frame): void | Promise<void> {
    return this.#receiver === undefined ? this.#handLater(frame) : this.#receiver(frame);
  }

  async #handLater(frame: Frame): Promise<void> {
    const receiver = await this.#received();
    await receiver(frame);
  }

  /** The receiver, when there is one. */
  #received(): Promise<Receiver> {
    if (this.#receiver !== undefined) return Promise.resolve(this.#receiver);
    return new Promise((resolve) => {
      this.#onReceiver = resolve;
    });
  }
}

function discard(): void {
  // There is nobody to hand it to.
}
