import { AmphisError, type Frame, isAmphisError, type Value } from "@amphis/protocol";

import type { CloseReason, Connection } from "../transport/index.ts";
import type { Health, PeerHealth } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import { type Control, decodeControl } from "./controls.ts";
import { HEALTHY } from "./directory.ts";
import type { CallWants, HubMember } from "./exchange.ts";
import type { Hub } from "./hub.ts";
import { decodeMessageExtra, wantsOf } from "./message-extra.ts";
import { NOBODY } from "./nobody.ts";
import { Parcel } from "./parcel.ts";
import { PeerEndpoint, PeerSubscription } from "./peer-sinks.ts";
import { Wire } from "./wire.ts";
import { WireEnd } from "./wire-end.ts";

/** How a hub treats its peers. */
export interface PeerSettings {
  readonly queueBytes: number;
  readonly maxPendingCalls: number;
  readonly heartbeatMs: number;
}

/** What a joining peer is known by, and the codecs that both sides take. */
export interface PeerInit {
  readonly name: string;
  readonly peer: string;
  readonly codecs: readonly string[];
  /** What it said before it had joined, and hears its answer to. */
  readonly joinCallId: number;
  readonly hubName: string;
}

/** A peer that takes less is taken for gone, when there is no other sign of it. */
const SLOWEST_BYTES_PER_MS = 256;

const LASTING = { priority: "normal", codec: "msgpack" } as const;
/** The end of a subscription comes behind everything that was sent to it. */
const LAST = { priority: "low", codec: "msgpack" } as const;

/** A member in another process, as its hub sees it. */
export class HubPeer implements HubMember {
  readonly name: string;
  readonly peer: string;
  readonly trusted = false;
  /** Resolves when its connection is over and nothing of it is left on the hub. */
  readonly gone: Promise<CloseReason>;
  readonly #hub: Hub;
  readonly #settings: PeerSettings;
  readonly #wire: Wire;
  /** Takes back what lasts: endpoints, subscriptions, routes. By call id. */
  readonly #lasting = new Map<number, (reason: string) => number>();
  #resolveGone: (reason: CloseReason) => void = () => undefined;

  constructor(hub: Hub, connection: Connection, init: PeerInit, settings: PeerSettings) {
    this.name = init.name;
    this.peer = init.peer;
    this.#hub = hub;
    this.#settings = settings;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#wire = new Wire(connection, init.codecs, "hub", settings.queueBytes, {
      message: (frame) => this.#onMessage(frame),
      call: (frame) => this.#onCall(frame),
      orphan: () => {
        hub.counts.orphans += 1;
      },
      closed: (reason) => this.#onClosed(reason),
    });
    this.#answerOnce(init.joinCallId, { peer: init.peer, hub: init.hubName });
  }

  get pendingCalls(): number {
    return this.#wire.pendingCalls;
  }

  get health(): Health {
    const { connection, outbox } = this.#wire;
    const { heartbeatMs } = this.#settings;
    if (connection.state.kind !== "open") return { status: "degraded", reason: "it is leaving" };
    const { silentMs } = connection;
    if (heartbeatMs > 0 && silentMs > 1.5 * heartbeatMs) {
      return {
        status: "degraded",
        reason: `it gave no sign of life for ${Math.round(silentMs)} ms`,
      };
    }
    if (outbox.isOver) {
      return { status: "degraded", reason: `it is slow: ${outbox.messages} messages wait for it` };
    }
    return HEALTHY;
  }

  get report(): PeerHealth {
    const { peer, name, pendingCalls, health } = this;
    return { ...health, peer, name, queuedMessages: this.#wire.outbox.messages, pendingCalls };
  }

  /** Gives it up when it is not read because it does not read, and takes nothing either: nobody would notice that it is gone. */
  giveUpIfStuck(): void {
    const { connection, outbox } = this.#wire;
    const { queuedBytes, silentMs } = connection;
    const { stuckMs } = outbox;
    const patienceMs = 2 * this.#settings.heartbeatMs + queuedBytes / SLOWEST_BYTES_PER_MS;
    if (silentMs > 0 || stuckMs <= patienceMs) return;
    const { address } = connection.peer;
    const message = `Cannot reach ${this.peer}: it took nothing for ${Math.round(stuckMs)} ms`;
    const context = { address, silentMs: Math.round(stuckMs) };
    void connection.close(new AmphisError("PEER_LOST", message, context));
  }

  take(frame: Frame): void | Promise<void> {
    return this.#wire.take(frame);
  }

  /** Resolves when no call of it or to it is under way, and everything is sent that waits for it. */
  async callsOver(): Promise<void> {
    await this.#wire.callsOver();
    await this.#wire.outbox.flush();
  }

  #onMessage(frame: Frame): void {
    const { callId, body, codec } = frame;
    if (callId !== 0) this.#wire.checkNew(callId);
    const answers = new WireEnd(this.#wire, callId, frame);
    let refused: unknown;
    try {
      const parcel = Parcel.arrived(body, codec, this.#hub.codecs);
      if (parcel.type === "event" && callId === 0) this.#hub.publish(this, parcel);
      else if (parcel.type !== "request") throw unexpected(parcel.type);
      else if (callId === 0) this.#hub.send(this, parcel);
      else this.#request(callId, parcel, wantsOf(decodeMessageExtra(frame)), answers);
      return;
    } catch (error) {
      refused = error;
    }
    this.#hub.counts.refused += 1;
    if (!isAmphisError(refused)) throw refused;
    this.#wire.refuse(callId, refused, answers);
  }

  #request(callId: number, parcel: Parcel, wants: CallWants, answers: CallEnd): void {
    if (this.pendingCalls >= this.#settings.maxPendingCalls) {
      const limit = this.#settings.maxPendingCalls;
      const endpoint = parcel.target;
      const message = `Cannot take request: ${limit} calls of this member are under way`;
      throw new AmphisError("ENDPOINT_BUSY", message, { endpoint, limit });
    }
    const call = this.#wire.accept(callId, NOBODY, false);
    call.end = this.#hub.request(this, parcel, wants, answers);
  }

  #onCall(frame: Frame): void {
    const { callId } = frame;
    this.#wire.checkNew(callId);
    try {
      this.#control(callId, decodeControl(frame));
    } catch (error) {
      if (!isAmphisError(error)) throw error;
      this.#hub.counts.refused += 1;
      this.#wire.refuse(callId, error, new WireEnd(this.#wire, callId, LASTING));
    }
  }

  #control(callId: number, control: Control): void {
    const hub = this.#hub;
    switch (control.kind) {
      case "join":
        throw unexpected("a second bus:join");
      case "register": {
        const { init } = control;
        const sink = new PeerEndpoint(init.name, this.#wire, hub.counts);
        const unregister = hub.register(this, init, sink);
        this.#last(callId, (reason) => {
          unregister(reason);
          return 0;
        });
        break;
      }
      case "subscribe": {
        const { init } = control;
        const onSlow = (error: AmphisError): void => this.#endLasting(callId, error);
        const sink = new PeerSubscription(this.#wire, callId, init, hub.counts, onSlow);
        const unsubscribe = hub.subscribe(this, init, sink);
        this.#last(callId, () => {
          unsubscribe();
          return sink.sent + sink.backlog;
        });
        break;
      }
      case "route": {
        const remove = hub.route(this, control.route);
        this.#last(callId, () => {
          remove();
          return 0;
        });
        break;
      }
      case "report":
        hub.report(this, control.name, control.status, control.reason);
        this.#answerOnce(callId, null);
        break;
      case "find":
        this.#answerOnce(callId, hub.find(control.query) as unknown as Value);
        break;
      case "health":
        this.#answerOnce(callId, hub.health() as unknown as Value);
    }
  }

  #answerOnce(callId: number, value: Value): void {
    this.#wire.accept(callId, NOBODY, false);
    this.#wire.say(callId, CallPart.of("result", value), LASTING);
  }

  /** Something holds from now on, until the peer cancels it or goes. */
  #last(callId: number, takeBack: (reason: string) => number): void {
    this.#lasting.set(callId, takeBack);
    const cancelled: CallEnd = {
      take: (part) => {
        // With the connection everything goes, and for another reason.
        if (part.kind === "cancel" && this.#wire.lost === undefined) this.#endLasting(callId);
      },
    };
    this.#wire.accept(callId, cancelled, true);
    this.#wire.say(callId, CallPart.of("result", null), LASTING);
  }

  #endLasting(callId: number, error?: AmphisError): void {
    const takeBack = this.#lasting.get(callId);
    if (takeBack === undefined) return;
    this.#lasting.delete(callId);
    const count = takeBack("its member took it back");
    const part = error === undefined ? CallPart.of("end", count) : CallPart.of("error", error);
    this.#wire.say(callId, part, LAST);
  }

  #onClosed(reason: CloseReason): void {
    const why =
      reason.kind === "failed"
        ? `its member was lost: ${reason.error.message}`
        : "its member went away";
    for (const takeBack of this.#lasting.values()) takeBack(why);
    this.#lasting.clear();
    this.#resolveGone(reason);
  }
}

function unexpected(what: string): AmphisError {
  return new AmphisError("MESSAGE_INVALID", `Cannot take message: a hub takes no ${what}`, {
    field: "type",
    expected: "a request, or an event without a call id",
    received: what,
  });
}
