import { AmphisError } from "@amphis/protocol";

import {
  type CloseReason,
  type Link,
  type LinkState,
  reconnecting,
  type WhileDown,
} from "../transport/index.ts";
import { askHub } from "./ask-hub.ts";
import { Backlog } from "./backlog.ts";
import type { BusHealth, EndpointInfo, EndpointQuery, HealthStatus, Registration } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import { type Control, endpointsOf, healthOf } from "./controls.ts";
import type { Counts } from "./counts.ts";
import type {
  CallWants,
  EndpointInit,
  EventSink,
  Exchange,
  RequestSink,
  SubscriptionInit,
} from "./exchange.ts";
import { HeldCall } from "./held-call.ts";
import { joinHub } from "./join-hub.ts";
import { LastingCall, type LastingEvents } from "./lasting-call.ts";
import { MemberInbox } from "./member-inbox.ts";
import { NO_EXTRA } from "./message-extra.ts";
import { NOBODY } from "./nobody.ts";
import type { MessageCodecs, Parcel } from "./parcel.ts";
import type { BusSettings } from "./settings.ts";
import type { Wire } from "./wire.ts";
import { WireEnd } from "./wire-end.ts";
import type { Route } from "./route-table.ts";

/** What a link to a hub works with. */
export interface HubLinkInit {
  readonly settings: BusSettings;
  readonly address: string;
  readonly codecs: MessageCodecs;
  readonly counts: Counts;
}

/** Longest wait that never ends a run of failures. */
const NEVER_STABLE_MS = 0x7fff_ffff;

/** A hub in another process, as a member sees it. Connects again when it is lost, and sets up again what lasts. */
export class HubLink implements Exchange {
  readonly #init: HubLinkInit;
  readonly #inbox: MemberInbox;
  readonly #backlog: Backlog;
  /** In the order in which they were first set up. */
  readonly #lasting = new Set<LastingCall>();
  /** What each endpoint last said of itself. */
  readonly #reports = new Map<string, Control>();
  readonly #link: Link;
  /** A message was not sent as its time had passed. */
  readonly #onExpired = (): void => {
    this.#init.counts.expired += 1;
  };
  #observer: ((state: LinkState) => void) | undefined;
  /** The newest one on which everything is set up. */
  #ready: Wire;
  /** Set while it is up. */
  #wire: Wire | undefined;

  private constructor(init: HubLinkInit, inbox: MemberInbox, first: Wire) {
    this.#init = init;
    this.#inbox = inbox;
    this.#backlog = new Backlog(init.settings.queueBytes, init.address);
    this.#ready = first;
    this.#link = this.#openLink(first);
  }

  /** @throws {AmphisError} as {@link joinHub} */
  static async join(init: HubLinkInit): Promise<HubLink> {
    const inbox = new MemberInbox(init.codecs, init.counts);
    const first = await joinHub(init, inbox, init.settings.signal);
    try {
      const link = new HubLink(init, inbox, first);
      await link.#link.whenUp();
      return link;
    } catch (error) {
      await first.connection.close();
      throw error;
    }
  }

  /** Sets who hears of each change from now on. */
  observe(observer: (state: LinkState) => void): void {
    this.#observer = observer;
  }

  /** Resolves once, when it is over for good. */
  get closed(): Promise<CloseReason> {
    return this.#link.closed;
  }

  get peers(): number {
    return this.#wire === undefined ? 0 : 1;
  }

  get pendingCalls(): number {
    return this.#wire?.pendingCalls ?? 0;
  }

  async register(init: EndpointInit, sink: RequestSink): Promise<Registration> {
    const registered = this.#inbox.registered(init, sink);
    const over = (): void => {
      this.#reports.delete(init.name);
      registered();
    };
    return this.#setUp({ kind: "register", init }, { over });
  }

  async subscribe(
    init: SubscriptionInit,
    sink: EventSink,
    onEnd: (error: unknown) => void,
  ): Promise<Registration> {
    const inbox = this.#inbox;
    let under: readonly [Wire, number] | undefined;
    return this.#setUp(
      { kind: "subscribe", init },
      {
        started: (wire, id) => {
          under = [wire, id];
          inbox.subscribed(wire, id, sink);
        },
        over: (error) => {
          if (under !== undefined) inbox.unsubscribed(...under);
          if (error !== undefined) onEnd(error);
        },
      },
    );
  }

  async route(route: Route): Promise<Registration> {
    return this.#setUp({ kind: "route", route }, { over: () => undefined });
  }

  async report(name: string, status: HealthStatus, reason: string): Promise<void> {
    const report = { kind: "report", name, status, reason } as const;
    await askHub(this.#up(), report);
    this.#reports.set(name, report);
  }

  async find(query: EndpointQuery): Promise<readonly EndpointInfo[]> {
    return endpointsOf(await askHub(this.#up(), { kind: "find", query }));
  }

  async health(): Promise<BusHealth> {
    return healthOf(await askHub(this.#up(), { kind: "health" }));
  }

  request(parcel: Parcel, wants: CallWants, caller: CallEnd, whileDown: WhileDown): CallEnd {
    try {
      const wire = this.#wire;
      if (wire !== undefined) return this.#ask(wire, parcel, wants, caller);
      if (whileDown === "fail") throw this.#down();
      const held = new HeldCall(
        this.#bytesOf(parcel),
        (next) => this.#ask(next, parcel, wants, caller),
        (error) => caller.take(CallPart.of("error", error)),
      );
      this.#backlog.hold(held);
      return held;
    } catch (error) {
      caller.take(CallPart.of("error", error));
      return NOBODY;
    }
  }

  send(parcel: Parcel, whileDown: WhileDown): Promise<void> | undefined {
    return this.publish(parcel, whileDown);
  }

  publish(parcel: Parcel, whileDown: WhileDown): Promise<void> | undefined {
    const wire = this.#wire;
    if (wire !== undefined) {
      this.#post(wire, parcel);
      return wire.outbox.room();
    }
    if (whileDown === "fail") throw this.#down();
    return new Promise((resolve, reject) => {
      this.#backlog.hold({
        bytes: this.#bytesOf(parcel),
        isOver: false,
        send: (next) => {
          this.#post(next, parcel);
          resolve();
        },
        refuse: reject,
      });
    });
  }

  /** Only what is taken back gets no more requests. */
  refuseNew(): boolean {
    return false;
  }

  async drain(): Promise<void> {
    for (const lasting of this.#lasting) await lasting.close();
    await this.#wire?.outbox.flush();
    await this.#link.drain();
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  #openLink(first: Wire): Link {
    const { settings, address } = this.#init;
    const { reconnect = {} } = settings;
    let opened: Wire | undefined = first;
    const connect = async (signal: AbortSignal): Promise<Wire["connection"]> => {
      if (opened === undefined) this.#ready = await this.#openAgain(signal);
      opened = undefined;
      return this.#ready.connection;
    };
    const once = { maxAttempts: 1, stableMs: NEVER_STABLE_MS };
    return reconnecting(connect, {
      ...(reconnect === false ? once : reconnect),
      address,
      onState: (state) => {
        this.#onState(state);
        this.#observer?.(state);
      },
    });
  }

  /** Everything that lasts is there before the connection is used for anything else. */
  async #openAgain(signal: AbortSignal): Promise<Wire> {
    const wire = await joinHub(this.#init, this.#inbox, signal);
    // A hub that never answers must not keep the link from closing.
    const abort = (): void => void wire.connection.close();
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    try {
      await Promise.all([...this.#lasting].map(async (lasting) => lasting.start(wire)));
      await Promise.all([...this.#reports.values()].map(async (report) => askHub(wire, report)));
      return wire;
    } catch (cause) {
      await wire.connection.close();
      // The hub may not have noticed yet that the last connection is gone, so this is tried again.
      const { address } = this.#init;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot set up again what was registered at ${address}: ${reason}`;
      throw new AmphisError("CONNECT_FAILED", message, { address, reason }, { cause });
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #onState(state: LinkState): void {
    this.#wire = state.kind === "up" ? this.#ready : undefined;
    if (this.#wire !== undefined) this.#backlog.sendAll(this.#wire);
    if (state.kind === "closed") this.#backlog.refuseAll(this.#down());
  }

  async #setUp(control: Control, events: LastingEvents): Promise<Registration> {
    const wire = this.#up();
    const lasting: LastingCall = new LastingCall(control, {
      ...events,
      over: (error) => {
        this.#lasting.delete(lasting);
        events.over(error);
      },
    });
    try {
      await lasting.start(wire);
    } catch (error) {
      events.over(undefined);
      throw error;
    }
    this.#lasting.add(lasting);
    return lasting;
  }

  #post(wire: Wire, parcel: Parcel): void {
    wire.post(parcel, NO_EXTRA, this.#onExpired);
    if (parcel.type === "event") this.#init.counts.published += 1;
    else this.#init.counts.requests += 1;
  }

  #ask(wire: Wire, parcel: Parcel, wants: CallWants, caller: CallEnd): CallEnd {
    if (wire.outbox.isOver) throw this.#full();
    const callId = wire.openMessage(caller, parcel, wants, this.#onExpired);
    this.#init.counts.requests += 1;
    return new WireEnd(wire, callId, parcel);
  }

  #full(): AmphisError {
    const { address, settings } = this.#init;
    const limit = settings.queueBytes;
    const message = `Cannot send request to the hub (${address}): more than ${limit} bytes wait already`;
    return new AmphisError("SEND_QUEUE_FULL", message, { address, limit });
  }

  #bytesOf(parcel: Parcel): number {
    return parcel.body(this.#ready.codecs).length;
  }

  #up(): Wire {
    if (this.#wire === undefined) throw this.#down();
    return this.#wire;
  }

  #down(): AmphisError {
    const { address } = this.#init;
    const { state } = this.#link;
    const cause = state.kind === "waiting" ? state.error : undefined;
    const reason = cause?.message ?? "there is no connection to the hub";
    const message = `Cannot reach the hub (${address}): ${reason}`;
    return new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause });
  }
}
