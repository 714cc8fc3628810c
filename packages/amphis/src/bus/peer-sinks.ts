import { AmphisError, type FrameInit } from "@amphis/protocol";

import { type CallEnd, CallPart } from "./call-part.ts";
import type { Counts } from "./counts.ts";
import {
  type CallWants,
  type EventSink,
  ONE_VALUE,
  type RequestSink,
  type SubscriptionInit,
} from "./exchange.ts";
import { Fifo } from "./fifo.ts";
import { type MessageExtra, NO_EXTRA } from "./message-extra.ts";
import type { WaitingFrame, WaitOptions } from "./outbox.ts";
import type { Parcel } from "./parcel.ts";
import type { Wire } from "./wire.ts";
import { type CallTravel, WireEnd } from "./wire-end.ts";

/** An endpoint of a peer, as its hub reaches it. */
export class PeerEndpoint implements RequestSink {
  readonly #name: string;
  readonly #wire: Wire;
  readonly #onExpired: () => void;
  /** Made once: each call is given it. */
  readonly #onOver = (): void => {
    this.#load -= 1;
  };
  #load = 0;

  constructor(name: string, wire: Wire, counts: Counts) {
    this.#name = name;
    this.#wire = wire;
    this.#onExpired = () => {
      counts.expired += 1;
    };
  }

  get load(): number {
    return this.#load;
  }

  request(parcel: Parcel, wants: CallWants, caller: CallEnd): CallEnd {
    const extra = this.#extraOf(parcel, wants);
    const answers = new PeerAnswers(this.#name, this.#wire, caller, this.#onOver);
    const callId = this.#wire.openMessage(answers, parcel, extra, this.#onExpired);
    this.#load += 1;
    return new PeerCallee(answers, this.#wire, callId, parcel);
  }

  send(parcel: Parcel): void {
    this.#wire.post(parcel, this.#extraOf(parcel, ONE_VALUE), this.#onExpired);
  }

  /** @throws {AmphisError} ENDPOINT_BUSY */
  #extraOf(parcel: Parcel, { credit, input }: CallWants): MessageExtra {
    const { outbox } = this.#wire;
    const name = this.#name;
    if (outbox.isOver) {
      const limit = outbox.messages;
      const message = `Cannot pass on request: ${limit} messages wait for the member of endpoint ${name}`;
      throw new AmphisError("ENDPOINT_BUSY", message, { endpoint: name, limit });
    }
    const endpoint = parcel.target === name ? undefined : name;
    if (endpoint === undefined && credit === 0 && !input) return NO_EXTRA;
    return { endpoint, credit, input };
  }
}

/** What comes back from a peer's endpoint, on its way to the caller. */
class PeerAnswers implements CallEnd {
  readonly #endpoint: string;
  readonly #wire: Wire;
  readonly #caller: CallEnd;
  readonly #onOver: () => void;
  #isOver = false;

  constructor(endpoint: string, wire: Wire, caller: CallEnd, onOver: () => void) {
    this.#endpoint = endpoint;
    this.#wire = wire;
    this.#caller = caller;
    this.#onOver = onOver;
  }

  take(part: CallPart): void {
    const { kind } = part;
    if (kind === "result" || kind === "error" || kind === "end") this.over();
    this.#caller.take(this.#wire.lost === undefined ? part : this.#gone(this.#wire.lost));
  }

  /** The endpoint has nothing more to do with it. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }

  #gone(cause: AmphisError): CallPart {
    const endpoint = this.#endpoint;
    const reason = cause.message;
    const message = `Cannot get answer of ${endpoint}: its member went away`;
    return CallPart.of(
      "error",
      new AmphisError("ENDPOINT_GONE", message, { endpoint, reason }, { cause }),
    );
  }
}

/** The handling side of a call to a peer's endpoint: a cancelled call is over too. */
class PeerCallee extends WireEnd {
  readonly #answers: PeerAnswers;

  constructor(answers: PeerAnswers, wire: Wire, id: number, travel: CallTravel) {
    super(wire, id, travel);
    this.#answers = answers;
  }

  override take(part: CallPart): void {
    if (part.kind === "cancel") this.#answers.over();
    super.take(part);
  }
}

/** A subscription of a peer, as its hub reaches it. Messages wait in the outbox of the connection, and are dropped there. */
export class PeerSubscription implements EventSink {
  readonly #wire: Wire;
  readonly #id: number;
  readonly #init: SubscriptionInit;
  readonly #counts: Counts;
  readonly #onSlow: (error: AmphisError) => void;
  /** Those that wait, or did; the oldest first. */
  readonly #waiting = new Fifo<WaitingFrame>();
  readonly #wait: WaitOptions;
  #backlog = 0;
  #sent = 0;

  constructor(
    wire: Wire,
    id: number,
    init: SubscriptionInit,
    counts: Counts,
    onSlow: (error: AmphisError) => void,
  ) {
    this.#wire = wire;
    this.#id = id;
    this.#init = init;
    this.#counts = counts;
    this.#onSlow = onSlow;
    this.#wait = { left: (why) => this.#left(why) };
  }

  get backlog(): number {
    return this.#backlog;
  }

  /** Messages that were sent to it. */
  get sent(): number {
    return this.#sent;
  }

  event(parcel: Parcel): void {
    const { outbox } = this.#wire;
    const frame = this.#frameOf(parcel);
    if (frame === undefined) return;
    if (!outbox.waits) {
      this.#sent += 1;
      outbox.send(frame);
    } else if (this.#hasRoom()) {
      const { deadline } = parcel;
      this.#backlog += 1;
      const options =
        deadline === undefined
          ? this.#wait
          : { ...this.#wait, deadline, delayed: (now: number) => parcel.delayed(now) };
      this.#remember(outbox.wait(frame, options));
    }
  }

  #frameOf(parcel: Parcel): FrameInit | undefined {
    try {
      return this.#wire.messageFrame(this.#id, parcel, NO_EXTRA);
    } catch {
      // What this peer cannot take, others can.
      this.#counts.refused += 1;
      return undefined;
    }
  }

  #hasRoom(): boolean {
    const { slowPolicy, maxMessages: limit, pattern } = this.#init;
    if (this.#backlog < limit && !this.#wire.outbox.isOver) return true;
    if (slowPolicy === "disconnect") {
      const message = `Cannot go on with subscription to ${pattern}: ${this.#backlog} messages wait for its member`;
      this.#onSlow(new AmphisError("SUBSCRIBER_SLOW", message, { pattern, limit }));
      return false;
    }
    this.#counts.dropped += 1;
    return slowPolicy === "drop-oldest" && this.#dropOldest();
  }

  #dropOldest(): boolean {
    for (let oldest = this.#waiting.shift(); oldest !== undefined; oldest = this.#waiting.shift()) {
      if (oldest.isOver) continue;
      this.#wire.outbox.revoke(oldest);
      return true;
    }
    return false;
  }

  #remember(waiting: WaitingFrame): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length > 2 * this.#backlog + 64) this.#waiting.keep(({ isOver }) => !isOver);
  }

  #left(why: "sent" | "expired" | "revoked"): void {
    this.#backlog -= 1;
    if (why === "sent") this.#sent += 1;
    if (why === "expired") this.#counts.expired += 1;
  }
}
