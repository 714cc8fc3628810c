import { AmphisError, type Frame, type FrameInit } from "@amphis/protocol";

import type {
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionState,
  PeerIdentity,
  Receiver,
  SendOptions,
} from "../transport.ts";

const RELEASED: CloseReason = { kind: "local" };

/** A frame that came before its receiver was set. */
interface EarlyFrame {
  readonly frame: Frame;
  readonly settle: (handled: void | Promise<void>) => void;
}

/** A connection as one holder sees it: with a receiver of its own, and closed once the holder has released it. */
export class LeasedConnection implements Connection {
  readonly closed: Promise<CloseReason>;
  readonly #connection: Connection;
  /** False when whoever opened the connection has set its receiver. */
  readonly #passesFrames: boolean;
  #receiver: Receiver | undefined;
  #early: EarlyFrame | undefined;
  #handling: Promise<void> | undefined;
  #released = false;
  #end: (reason: CloseReason) => void = () => undefined;

  constructor(connection: Connection, passesFrames: boolean) {
    this.#connection = connection;
    this.#passesFrames = passesFrames;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get state(): ConnectionState {
    return this.#released ? { kind: "closed", reason: RELEASED } : this.#connection.state;
  }

  get peer(): PeerIdentity {
    return this.#connection.peer;
  }

  get limits(): ConnectionLimits {
    return this.#connection.limits;
  }

  get isFull(): boolean {
    return !this.#released && this.#connection.isFull;
  }

  get queuedBytes(): number {
    return this.#released ? 0 : this.#connection.queuedBytes;
  }

  get silentMs(): number {
    return this.#released ? 0 : this.#connection.silentMs;
  }

  async send(frame: FrameInit, options?: SendOptions): Promise<void> {
    if (this.#released) throw this.#afterRelease("send frame");
    await this.#connection.send(frame, options);
  }

  receive(receiver: Receiver): void {
    if (this.#released) throw this.#afterRelease("receive frames");
    if (this.#receiver !== undefined) {
      throw new TypeError("Cannot set receiver: the lease has one already");
    }
    if (!this.#passesFrames) this.#connection.receive(receiver);
    this.#receiver = receiver;
    const early = this.#early;
    this.#early = undefined;
    early?.settle(this.#handle(receiver, early.frame));
  }

  agree(limits: Partial<ConnectionLimits>): void {
    if (!this.#released) this.#connection.agree(limits);
  }

  async drain(): Promise<CloseReason> {
    return this.#released ? RELEASED : this.#connection.drain();
  }

  async close(error?: AmphisError): Promise<CloseReason> {
    return this.#released ? RELEASED : this.#connection.close(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Gives the holder a frame; until that is done the peer has to wait. */
  take(frame: Frame): void | Promise<void> {
    if (this.#receiver !== undefined) return this.#handle(this.#receiver, frame);
    return new Promise((settle) => {
      this.#early = { frame, settle };
    });
  }

  /** Says that the connection has ended. */
  ended(reason: CloseReason): void {
    this.#early?.settle();
    this.#end(reason);
  }

  /**
   * Ends the holder's part.
   *
   * @returns whether a frame for the holder is left over, and what to wait for before the next one may come
   */
  release(): { readonly clean: boolean; readonly handling: Promise<void> | undefined } {
    const clean = this.#early === undefined;
    this.#released = true;
    this.ended(RELEASED);
    return { clean, handling: this.#handling };
  }

  #handle(receiver: Receiver, frame: Frame): void | Promise<void> {
    let handled: void | Promise<void>;
    try {
      handled = receiver(frame);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    if (handled === undefined) return undefined;
    this.#handling = this.#settled(handled);
    return handled;
  }

  /** Never rejects: the connection deals with the error of its receiver. */
  async #settled(handled: Promise<void>): Promise<void> {
    await Promise.allSettled([handled]);
    this.#handling = undefined;
  }

  #afterRelease(act: string): AmphisError {
    const { address } = this.peer;
    return new AmphisError("CONNECTION_CLOSED", `Cannot ${act}: the lease was released`, {
      address,
      reason: "the lease was released",
    });
  }
}
