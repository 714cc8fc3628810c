import { AmphisError, type Frame, isAmphisError } from "@amphis/protocol";

import type { Counts } from "./counts.ts";
import type { EndpointInit, EventSink, RequestSink } from "./exchange.ts";
import { decodeMessageExtra, wantsOf } from "./message-extra.ts";
import { NOBODY } from "./nobody.ts";
import { type MessageCodecs, Parcel } from "./parcel.ts";
import type { Wire } from "./wire.ts";
import { WireEnd } from "./wire-end.ts";

/** Where what a hub sends finds its endpoint or subscription. */
export class MemberInbox {
  /** Of one name are several only when all are shared. */
  readonly #endpoints = new Map<string, readonly MemberEndpoint[]>();
  readonly #codecs: MessageCodecs;
  readonly #counts: Counts;
  /** By the connection and the id of the call that made them. */
  readonly #subscriptions = new WeakMap<Wire, Map<number, EventSink>>();

  /** Where the search among equals starts, so that all get their turn. */
  #turn = 0;

  constructor(codecs: MessageCodecs, counts: Counts) {
    this.#codecs = codecs;
    this.#counts = counts;
  }

  /** @returns what takes it back @throws {AmphisError} ENDPOINT_EXISTS unless all of that name are shared */
  registered({ name, shared }: EndpointInit, sink: RequestSink): () => void {
    const others = this.#endpoints.get(name) ?? [];
    if (others.length > 0 && !(shared && others.every((other) => other.shared))) {
      const message = `Cannot register endpoint: this member has one of the name ${name}`;
      throw new AmphisError("ENDPOINT_EXISTS", message, { endpoint: name });
    }
    const added = { shared, sink };
    this.#endpoints.set(name, [...others, added]);
    return () => {
      const left = (this.#endpoints.get(name) ?? []).filter((each) => each !== added);
      if (left.length === 0) this.#endpoints.delete(name);
      else this.#endpoints.set(name, left);
    };
  }

  subscribed(wire: Wire, id: number, sink: EventSink): void {
    const subscriptions = this.#subscriptions.get(wire);
    if (subscriptions === undefined) this.#subscriptions.set(wire, new Map([[id, sink]]));
    else subscriptions.set(id, sink);
  }

  unsubscribed(wire: Wire, id: number): void {
    this.#subscriptions.get(wire)?.delete(id);
  }

  /** @throws {AmphisError} for what is no message; that ends the connection */
  take(wire: Wire, frame: Frame): void {
    const { callId, body, codec } = frame;
    const parcel = Parcel.arrived(body, codec, this.#codecs);
    if (parcel.type === "request") this.#request(wire, frame, parcel);
    else {
      const sink = this.#subscriptions.get(wire)?.get(callId);
      if (sink === undefined) this.#counts.orphans += 1;
      else sink.event(parcel);
    }
  }

  #leastLoaded(name: string): RequestSink | undefined {
    const endpoints = this.#endpoints.get(name);
    if (endpoints === undefined || endpoints.length === 1) return endpoints?.[0]?.sink;
    this.#turn += 1;
    let best: RequestSink | undefined;
    for (let i = 0; i < endpoints.length; i += 1) {
      const sink = endpoints[(this.#turn + i) % endpoints.length]?.sink;
      if (sink !== undefined && sink.load < (best?.load ?? Infinity)) best = sink;
    }
    return best;
  }

  #request(wire: Wire, frame: Frame, parcel: Parcel): void {
    const { callId } = frame;
    const extra = decodeMessageExtra(frame);
    const { endpoint = parcel.target } = extra;
    const sink = this.#leastLoaded(endpoint);
    const call = callId === 0 ? undefined : wire.accept(callId, NOBODY, false);
    const caller = new WireEnd(wire, callId, frame);
    try {
      if (sink === undefined) throw missing(endpoint);
      if (call === undefined) sink.send(parcel);
      else call.end = sink.request(parcel, wantsOf(extra), caller);
    } catch (error) {
      if (!isAmphisError(error)) throw error;
      this.#counts.refused += 1;
      wire.refuse(callId, error, caller);
    }
  }
}

interface MemberEndpoint {
  readonly shared: boolean;
  readonly sink: RequestSink;
}

function missing(target: string): AmphisError {
  const message = `Cannot reach ${target}: its member has no such endpoint`;
  return new AmphisError("ENDPOINT_NOT_FOUND", message, { target, suggestion: "" });
}
