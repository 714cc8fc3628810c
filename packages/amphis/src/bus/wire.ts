import {
  AmphisError,
  type Frame,
  FRAME_KINDS,
  type FrameInit,
  HEADER_BYTES,
} from "@amphis/protocol";

import type { CloseReason, Connection } from "../transport/index.ts";
import { answerCodec, type CallEnd, CallPart, type PartKind } from "./call-part.ts";
import { type Control, encodeControl } from "./controls.ts";
import { encodeMessageExtra, type MessageExtra } from "./message-extra.ts";
import { NOBODY } from "./nobody.ts";
import { Outbox, type WaitingFrame } from "./outbox.ts";
import type { Parcel } from "./parcel.ts";
import type { CallTravel } from "./wire-end.ts";

/** Room for the entries and padding of the one attachment that a message may have. */
const ATTACHMENT_BYTES = 1_024;
const UNSENDABLE = "something of this call cannot be sent";
const PARTS: ReadonlySet<string> = new Set<PartKind>([
  "result",
  "error",
  "item",
  "end",
  "credit",
  "cancel",
]);

/** Who hears of what is no part of a call under way. */
export interface WireActs {
  message(frame: Frame): void;
  call(frame: Frame): void;
  /** A frame for a call that is over. */
  orphan(): void;
  closed(reason: CloseReason): void;
}

/** A call that is under way. */
export interface OpenCall {
  /** Hears what the peer says. */
  end: CallEnd;
  /** Subscriptions and the like go on after their result. */
  readonly lasting: boolean;
  /** Its request, while that has not gone out. */
  waiting: WaitingFrame | undefined;
}

/** A connection to another member of the bus, and the calls that go over it in both directions. */
export class Wire {
  readonly connection: Connection;
  readonly outbox: Outbox;
  /** Codecs that both sides take. */
  readonly codecs: readonly string[];
  readonly #acts: WireActs;
  readonly #calls = new Map<number, OpenCall>();
  #lasting = 0;
  #onCallsOver: (() => void)[] = [];
  /** Why the connection ended. */
  #lost: AmphisError | undefined;
  /** The member's call ids are odd, the hub's even. */
  readonly #parity: 0 | 1;
  #lastId: number;

  constructor(
    connection: Connection,
    codecs: readonly string[],
    side: "hub" | "member",
    queueBytes: number,
    acts: WireActs,
  ) {
    this.connection = connection;
    this.codecs = codecs;
    this.outbox = new Outbox(connection, queueBytes);
    this.#acts = acts;
    this.#parity = side === "member" ? 1 : 0;
    this.#lastId = side === "member" ? -1 : 0;
    void connection.closed.then((reason) => this.#onClosed(reason));
  }

  get lost(): AmphisError | undefined {
    return this.#lost;
  }

  /** Calls that are under way in either direction, without those that last. */
  get pendingCalls(): number {
    return this.#calls.size - this.#lasting;
  }

  /** Resolves when no call is under way. */
  async callsOver(): Promise<void> {
    if (this.pendingCalls === 0) return;
    await new Promise<void>((resolve) => {
      this.#onCallsOver.push(resolve);
    });
  }

  /** Starts a call of this side. @returns its id; {@link CallEnd} hears what comes back @throws {AmphisError} CONNECTION_CLOSED */
  open(end: CallEnd, lasting: boolean): number {
    if (this.#lost !== undefined) throw this.#lost;
    this.#lastId += 2;
    this.#add(this.#lastId, { end, lasting, waiting: undefined });
    return this.#lastId;
  }

  /**
   * A call of the peer: says who hears what the peer says further. An endpoint may answer while it is asked, so the call is accepted first,
   * and given its end when there is one.
   *
   * @throws {AmphisError} FRAME_INVALID for an id that it may not use
   */
  accept(id: number, end: CallEnd, lasting: boolean): OpenCall {
    this.checkNew(id);
    return this.#add(id, { end, lasting, waiting: undefined });
  }

  checkNew(id: number): void {
    if (id % 2 === this.#parity || id === 0 || this.#calls.has(id)) {
      throw new AmphisError(
        "FRAME_INVALID",
        `Cannot take call: the peer may not use the call id ${id}`,
        { field: "callId", received: id },
      );
    }
  }

  /** @throws {AmphisError} FRAME_TOO_LARGE, and what the codec throws for what cannot travel */
  controlBody(control: Control): Uint8Array {
    const body = encodeControl(control);
    this.#checkSize(body);
    return body;
  }

  /** Sends a control call whose id was opened before. */
  callControl(callId: number, body: Uint8Array): void {
    this.outbox.send({ kind: "call", callId, body });
  }

  /** Answers a call of the peer with an error, wherever it failed. A message without a call has nobody to answer. */
  refuse(id: number, error: AmphisError, caller: CallEnd): void {
    if (id === 0) return;
    if (!this.#calls.has(id)) this.accept(id, NOBODY, false);
    caller.take(CallPart.of("error", error));
  }

  /** Says something within a call. What cannot travel ends the call, and both sides hear so. */
  say(id: number, part: CallPart, travel: CallTravel): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    const mine = id % 2 === this.#parity;
    if (mine && part.kind === "cancel" && call.waiting?.isOver === false) {
      // The peer has not heard of it, and need not.
      this.#remove(id, call);
      this.outbox.revoke(call.waiting);
      return;
    }
    let frame: FrameInit;
    try {
      frame = this.#frameOf(id, part, travel);
    } catch (error) {
      this.#breakOff(id, call, part.kind, error, travel);
      return;
    }
    if (isLast(part.kind, mine ? "caller" : "callee", call.lasting)) this.#remove(id, call);
    this.outbox.send(frame);
  }

  /**
   * The frame of a message for this peer.
   *
   * @throws {AmphisError} FRAME_TOO_LARGE, and what the codec throws for a payload that cannot travel
   */
  messageFrame(callId: number, parcel: Parcel, extra: MessageExtra): FrameInit {
    const body = parcel.body(this.codecs);
    this.#checkSize(body);
    const { priority, codec } = parcel;
    const attachments = encodeMessageExtra(extra);
    return attachments === undefined
      ? { kind: "message", callId, priority, codec, body }
      : { kind: "message", callId, priority, codec, body, attachments };
  }

  /**
   * Starts a call with a message. One whose time passes before it goes out ends with REQUEST_TIMEOUT.
   *
   * @returns its id; {@link CallEnd} hears what comes back
   * @throws {AmphisError} as {@link messageFrame}; then there is no call
   */
  openMessage(end: CallEnd, parcel: Parcel, extra: MessageExtra, onExpired: () => void): number {
    const frame = this.messageFrame(this.#lastId + 2, parcel, extra);
    const id = this.open(end, false);
    if (parcel.deadline === undefined || !this.outbox.waits) this.outbox.send(frame);
    else {
      this.#wait(frame, parcel, () => {
        onExpired();
        this.#drop(id, parcel.timeout());
      });
    }
    return id;
  }

  /** Sends a message that nobody answers. @throws {AmphisError} as {@link messageFrame} */
  post(parcel: Parcel, extra: MessageExtra, onExpired: () => void): void {
    const frame = this.messageFrame(0, parcel, extra);
    if (parcel.deadline === undefined || !this.outbox.waits) this.outbox.send(frame);
    else this.#wait(frame, parcel, onExpired);
  }

  #wait(frame: FrameInit, parcel: Parcel, onExpired: () => void): void {
    const left = (why: "sent" | "expired" | "revoked"): void => {
      if (why === "expired") onExpired();
    };
    const { deadline } = parcel;
    const delayed = (now: number): Uint8Array => parcel.delayed(now);
    const waiting = this.outbox.wait(frame, { deadline, left, delayed });
    const call = this.#calls.get(frame.callId ?? 0);
    if (call !== undefined) call.waiting = waiting;
  }

  #drop(id: number, error: AmphisError): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#remove(id, call);
    call.end.take(CallPart.of("error", error));
  }

  #checkSize(body: Uint8Array): void {
    const limit = this.connection.limits.maxFrameBytes;
    const actual = HEADER_BYTES + body.length;
    if (actual + ATTACHMENT_BYTES <= limit) return;
    throw new AmphisError(
      "FRAME_TOO_LARGE",
      `Cannot send message: ${actual} bytes are too many for the limit of ${limit}`,
      { limit, actual },
    );
  }

  #add(id: number, call: OpenCall): OpenCall {
    this.#calls.set(id, call);
    if (call.lasting) this.#lasting += 1;
    return call;
  }

  #remove(id: number, call: OpenCall): void {
    if (!this.#calls.delete(id)) return;
    if (call.lasting) this.#lasting -= 1;
    if (this.#onCallsOver.length > 0 && this.pendingCalls === 0) this.#tellCallsOver();
  }

  #tellCallsOver(): void {
    for (const resolve of this.#onCallsOver.splice(0)) resolve();
  }

  #frameOf(callId: number, part: CallPart, travel: CallTravel): FrameInit {
    const codec = part.kind === "error" ? "msgpack" : answerCodec(travel.codec);
    const body = part.body(codec);
    this.#checkSize(body);
    return { kind: part.kind, callId, priority: travel.priority, codec, body };
  }

  /** One side of a call said what cannot travel: it is over, the peer hears so, and so does whoever said it, unless that was its last. */
  #breakOff(id: number, call: OpenCall, kind: PartKind, error: unknown, travel: CallTravel): void {
    this.#remove(id, call);
    const mine = id % 2 === this.#parity;
    const told = mine ? CallPart.of("cancel", UNSENDABLE) : CallPart.of("error", error);
    this.outbox.send(this.#frameOf(id, told, travel));
    if (isLast(kind, mine ? "caller" : "callee", call.lasting)) return;
    call.end.take(mine ? CallPart.of("error", error) : CallPart.of("cancel", UNSENDABLE));
  }

  /** Takes a frame of the peer. @throws {AmphisError} for one that no peer may send; that ends the connection */
  take(frame: Frame): void | Promise<void> {
    const { kind } = frame;
    if (kind === "message") this.#acts.message(frame);
    else if (kind === "call") this.#acts.call(frame);
    else if (PARTS.has(kind)) this.#hear(kind as PartKind, frame);
    else {
      throw new AmphisError("FRAME_INVALID", `Cannot take frame: a bus has none of kind ${kind}`, {
        field: "kind",
        received: FRAME_KINDS[kind],
      });
    }
    // A member that asks and does not read the answers is read no further. A hub always is: were both to wait for the other, neither went on.
    return this.#parity === 0 && this.outbox.isOver ? this.outbox.room() : undefined;
  }

  #hear(kind: PartKind, { callId, body, codec }: Frame): void {
    const call = this.#calls.get(callId);
    if (call === undefined) {
      this.#acts.orphan();
      return;
    }
    const mine = callId % 2 === this.#parity;
    if (isLast(kind, mine ? "callee" : "caller", call.lasting)) this.#remove(callId, call);
    call.end.take(CallPart.arrived(kind, body, codec));
  }

  #onClosed(reason: CloseReason): void {
    this.outbox.close();
    const calls = [...this.#calls];
    this.#calls.clear();
    this.#lasting = 0;
    this.#tellCallsOver();
    const error = connectionLost(this.connection, reason);
    this.#lost = error;
    for (const [id, { end }] of calls) {
      const mine = id % 2 === this.#parity;
      end.take(mine ? CallPart.of("error", error) : CallPart.of("cancel", error.message));
    }
    this.#acts.closed(reason);
  }
}

/** Whether a call is over when this side of it says that. A lasting call is cancelled by its caller, and over when the callee says so. */
function isLast(kind: PartKind, by: "caller" | "callee", lasting: boolean): boolean {
  if (by === "caller") return kind === "cancel" && !lasting;
  return kind === "error" || kind === "end" || (kind === "result" && !lasting);
}

function connectionLost(connection: Connection, reason: CloseReason): AmphisError {
  const { address } = connection.peer;
  const cause = reason.kind === "failed" ? reason.error : undefined;
  const why = cause?.message ?? `${reason.kind === "peer" ? "the peer" : "this side"} closed it`;
  return new AmphisError(
    "CONNECTION_CLOSED",
    `Cannot go on with call: the connection ended: ${why}`,
    { address, reason: why },
    { cause },
  );
}
