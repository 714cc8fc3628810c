import type { Frame } from "@amphis/protocol";

import type { CloseReason, Connection } from "../transport.ts";
import { LeasedConnection } from "./leased-connection.ts";

export type MemberState = "unused" | "checking" | "lent" | "leaving";

/** What a member tells its pool. */
export interface MemberEvents {
  ended(member: Member): void;
  /** A frame came that nobody is there to take. */
  strayed(member: Member): void;
}

/** A connection of a pool, and who has it. */
export class Member {
  readonly connection: Connection;
  readonly openedAt: number;
  state: MemberState = "unused";
  /** Takes back the timer of its lifetime. */
  stopLifetime: () => void = () => undefined;
  /** Takes back the timer of its idle time. */
  stopIdle: () => void = () => undefined;
  readonly #events: MemberEvents;
  readonly #passesFrames: boolean;
  #holder: LeasedConnection | undefined;
  #interrupt: () => void = () => undefined;

  constructor(connection: Connection, openedAt: number, events: MemberEvents) {
    this.connection = connection;
    this.openedAt = openedAt;
    this.#events = events;
    this.#passesFrames = setReceiver(connection, (frame) => this.#take(frame));
    void connection.closed.then((reason) => this.#ended(reason));
  }

  get isOpen(): boolean {
    return this.state !== "leaving" && this.connection.state.kind === "open";
  }

  hold(state: "checking" | "lent"): LeasedConnection {
    this.state = state;
    this.#holder = new LeasedConnection(this.connection, this.#passesFrames);
    return this.#holder;
  }

  /** Takes it from its holder. @returns whether nothing of the holder's is left on it */
  async release(): Promise<boolean> {
    const { clean, handling } = this.#holder?.release() ?? { clean: true, handling: undefined };
    this.#holder = undefined;
    // A receiver that is still at work would keep the frames of the next holder waiting.
    if (handling !== undefined) await this.#endOr(handling);
    if (this.state !== "leaving") this.state = "unused";
    return clean;
  }

  /** Waits for the receiver, but not beyond the end of the connection. */
  async #endOr(handling: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#interrupt = resolve;
      void handling.then(resolve);
    });
  }

  #take(frame: Frame): void | Promise<void> {
    if (this.#holder !== undefined) return this.#holder.take(frame);
    this.#events.strayed(this);
    return undefined;
  }

  #ended(reason: CloseReason): void {
    this.state = "leaving";
    this.#holder?.ended(reason);
    this.#interrupt();
    this.#events.ended(this);
  }
}

/** @returns false when the connection has a receiver already, which then keeps the frames */
function setReceiver(
  connection: Connection,
  receiver: (frame: Frame) => void | Promise<void>,
): boolean {
  try {
    connection.receive(receiver);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
