import { AmphisError, type Frame, type FrameInit, isAmphisError } from "@amphis/protocol";

import { FramePipe, frameOf, wireBytes } from "./frame-pipe.ts";
import type {
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionState,
  PeerIdentity,
  Receiver,
  SendOptions,
} from "./transport.ts";

/** Frames handed over before the event loop goes on, so that two ends that only talk to each other leave time for others. */
const FRAMES_PER_TURN = 256;

/** What one end of a connection within the process starts with. */
export interface EndInit {
  readonly peer: PeerIdentity;
  readonly limits: ConnectionLimits;
  readonly highWaterBytes: number;
  /** Hears why it ended. */
  readonly onClosed?: (() => void) | undefined;
}

/** Two connections that are each other's peer. */
export function inProcessPair(
  first: EndInit,
  second: EndInit,
): [InProcessConnection, InProcessConnection] {
  return InProcessConnection.pair(first, second);
}

/** One end of a connection within the process. Frames cross by reference, and are never handed over inside the call that sends them. */
export class InProcessConnection implements Connection {
  readonly peer: PeerIdentity;
  readonly closed: Promise<CloseReason>;
  readonly #settle: (reason: CloseReason) => void;
  readonly #onClosed: (() => void) | undefined;
  /** What this end sent and the other has not taken. */
  readonly #outgoing: FramePipe;
  /** Itself until it has a peer, which is before anybody else sees it. */
  #other: InProcessConnection = this;
  #limits: ConnectionLimits;
  #state: ConnectionState = { kind: "open" };
  /** What drains it: this side, or the peer that drained. */
  #drainReason: CloseReason = { kind: "peer" };
  #receiver: Receiver | undefined;
  /** Set while frames are about to be handed over. */
  #turn: NodeJS.Immediate | undefined;
  /** Whether the receiver has not finished with a frame. */
  #receiving = false;
  #framesLeft = 0;

  private constructor({ peer, limits, highWaterBytes, onClosed }: EndInit) {
    this.peer = peer;
    this.#limits = limits;
    this.#onClosed = onClosed;
    this.#outgoing = new FramePipe(highWaterBytes, () => this.#other.#wake());
    let settle: (reason: CloseReason) => void = () => undefined;
    this.closed = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  static pair(first: EndInit, second: EndInit): [InProcessConnection, InProcessConnection] {
    const ends: [InProcessConnection, InProcessConnection] = [
      new InProcessConnection(first),
      new InProcessConnection(second),
    ];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get limits(): ConnectionLimits {
    return this.#limits;
  }

  get isFull(): boolean {
    return this.#outgoing.isFull;
  }

  get queuedBytes(): number {
    return this.#outgoing.heldBytes;
  }

  /** A peer within the process is never out of reach. */
  get silentMs(): number {
    return 0;
  }

  send(init: FrameInit, { signal }: SendOptions = {}): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#state.kind !== "open") return Promise.reject(this.#ended());
    try {
      const bytes = wireBytes(init, this.#limits.maxFrameBytes);
      return this.#outgoing.put({ frame: frameOf(init), bytes }, signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  receive(receiver: Receiver): void {
    if (this.#receiver !== undefined) {
      throw new TypeError("Cannot set receiver: the connection has one already");
    }
    this.#receiver = receiver;
    this.#wake();
  }

  agree(limits: Partial<ConnectionLimits>): void {
    const { maxFrameBytes = this.#limits.maxFrameBytes, versions = this.#limits.versions } = limits;
    this.#limits = { maxFrameBytes, versions };
  }

  drain(): Promise<CloseReason> {
    if (this.#state.kind === "open") this.#windUp({ kind: "local" });
    return this.closed;
  }

  close(error?: AmphisError): Promise<CloseReason> {
    this.#end(error === undefined ? { kind: "local" } : { kind: "failed", error });
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain().then(() => undefined);
  }

  /** Hands frames over soon, if there may be any and somebody takes them. */
  #wake(): void {
    if (this.#turn !== undefined || this.#receiving || this.#state.kind === "closed") return;
    if (this.#receiver === undefined && this.#state.kind === "open") return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#framesLeft = FRAMES_PER_TURN;
      this.#take();
    });
  }

  /** Hands frames over until there is none, the receiver needs time, or others should have their turn. */
  #take(): void {
    const incoming = this.#other.#outgoing;
    while (!this.#isClosed()) {
      if (this.#framesLeft === 0) return this.#wake();
      const frame = incoming.take();
      if (frame === undefined) break;
      this.#framesLeft -= 1;
      if (this.#hand(frame) === "pending") return undefined;
    }
    this.#other.#finishDraining();
    this.#finishDraining();
    return undefined;
  }

  #hand(frame: Frame): "done" | "pending" {
    // Signs of life are between connections, whatever these are made of.
    if (frame.kind === "ping" || frame.kind === "pong") return "done";
    const refusal = this.#refusal(frame);
    if (refusal !== undefined) {
      void this.close(refusal);
      return "done";
    }
    try {
      // A side that drains and takes nothing has nobody to hand it to.
      const received = this.#receiver?.(frame);
      if (received === undefined) return "done";
      this.#receiving = true;
      this.#other.#finishDraining();
      void received.then(
        () => {
          this.#receiving = false;
          this.#take();
        },
        (error: unknown) => this.#receiverFailed(error),
      );
      return "pending";
    } catch (error) {
      this.#receiverFailed(error);
      return "done";
    }
  }

  /** What a peer that must send bytes would be told: this end may take less than the other sends. */
  #refusal(frame: Frame): AmphisError | undefined {
    const { maxFrameBytes, versions } = this.#limits;
    const { version } = frame;
    if ((version < versions[0] || version > versions[1]) && frame.kind !== "hello") {
      return new AmphisError(
        "VERSION_UNSUPPORTED",
        `Cannot take frame: version ${version} was not negotiated, only ${versions[0]} to ${versions[1]}`,
        { local: versions, remote: [version, version] },
      );
    }
    try {
      wireBytes(frame, maxFrameBytes);
      return undefined;
    } catch (error) {
      if (isAmphisError(error)) return error;
      throw error;
    }
  }

  #receiverFailed(cause: unknown): void {
    this.#receiving = false;
    void this.close(
      isAmphisError(cause)
        ? cause
        : new AmphisError(
            "CONNECTION_CLOSED",
            `Cannot go on with ${this.#name()}: its receiver failed`,
            { address: this.peer.address, reason: "its receiver failed" },
            { cause },
          ),
    );
  }

  /** Takes nothing more to send. What was accepted is still delivered. */
  #windUp(reason: CloseReason): void {
    this.#state = { kind: "draining" };
    this.#drainReason = reason;
    this.#outgoing.refuse(this.#ended());
    this.#wake();
    this.#finishDraining();
  }

  /** Once everything is taken that this end accepted, the other one winds up too; then both are closed. */
  #finishDraining(): void {
    const other = this.#other;
    if (this.#state.kind !== "draining" || !this.#outgoing.isEmpty) return;
    if (other.#state.kind === "open") other.#windUp({ kind: "peer" });
    else if (other.#outgoing.isEmpty) this.#end(this.#drainReason);
  }

  #end(reason: CloseReason): void {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "closed", reason };
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#outgoing.refuse(this.#ended());
    this.#outgoing.drop();
    this.#settle(reason);
    this.#onClosed?.();
    const drained = reason === this.#drainReason;
    this.#other.#end(drained ? this.#other.#drainReason : { kind: "peer" });
  }

  #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  #ended(): AmphisError<"CONNECTION_CLOSED"> {
    const reason = describe(this.#state);
    const cause =
      this.#state.kind === "closed" && this.#state.reason.kind === "failed"
        ? this.#state.reason.error
        : undefined;
    return new AmphisError(
      "CONNECTION_CLOSED",
      `Cannot send to ${this.#name()}: ${reason}`,
      { address: this.peer.address, reason },
      { cause },
    );
  }

  #name(): string {
    return this.peer.address === "" ? "the peer" : this.peer.address;
  }
}

function describe(state: ConnectionState): string {
  if (state.kind === "draining") return "the connection is being drained";
  if (state.kind === "open") return "the connection is open";
  switch (state.reason.kind) {
    case "local":
      return "this side closed the connection";
    case "peer":
      return "the peer closed the connection";
    case "failed":
      return "the connection failed";
  }
}
