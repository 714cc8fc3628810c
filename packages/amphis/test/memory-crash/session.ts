import {
  AmphisError,
  Attachment,
  decodeErrorBody,
  decodeResult,
  encodeCall,
  type Frame,
  type FrameAttachment,
  type FrameInit,
  isAmphisError,
  type Value,
} from "@amphis/protocol";

import {
  type Bulk,
  type Carried,
  Carrier,
  ChunkReader,
  ChunkWriter,
  type Path,
  Placement,
} from "../../src/memory/index.ts";
import type { CloseReason, Connection } from "../../src/transport/transport.ts";

export type Answer = Value | Carried;

/** How a call ended; undefined while it has not. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "lost"; readonly error: unknown };

/** A call on its way. */
export interface Pending {
  readonly outcome: Outcome | undefined;
  /** @throws what it was lost with */
  readonly answer: Promise<Answer>;
}

/** A call with a stream of chunks in each direction. */
export interface Streaming {
  readonly reader: ChunkReader;
  readonly writer: ChunkWriter;
  readonly answer: Promise<Answer>;
}

class Call implements Pending {
  readonly answer: Promise<Answer>;
  readonly name: string;
  outcome: Outcome | undefined;
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(name: string) {
    this.name = name;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome;
    if (outcome.kind === "answered") this.#resolve(outcome.answer);
    else this.#reject(outcome.error);
  }
}

/**
 * The host's side of one connection with a guest: calls, what comes back, and a list of all that must not happen: an error without a code,
 * an answer to nothing, a call or a frame that is still open behind the end.
 */
export class Session {
  readonly connection: Connection;
  readonly problems: string[] = [];
  /** Codes that calls were lost with. */
  readonly lost: string[] = [];
  readonly #carriers: Readonly<Record<Path, Carrier>>;
  readonly #calls = new Map<number, Call>();
  readonly #streams = new Map<number, Pick<Streaming, "reader" | "writer">>();
  readonly #sends = new Set<Promise<void>>();
  #last = 0;

  constructor(connection: Connection) {
    this.connection = connection;
    const link = connection.memory;
    this.#carriers = {
      shared: new Carrier({ link, placement: new Placement({ path: "shared" }) }),
      inline: new Carrier({ link, placement: new Placement({ path: "inline" }) }),
    };
    connection.receive((frame) => this.#take(frame));
    void connection.closed.then((reason) => this.#ended(reason));
  }

  get isOpen(): boolean {
    return this.connection.state.kind === "open";
  }

  /** How often shared memory failed, and the value went inline. */
  get fallbacks(): number {
    return this.#carriers.shared.placement.figures().fallbacks;
  }

  call(name: string, args: readonly Value[], bulk?: Bulk, path: Path = "shared"): Pending {
    const carried = bulk === undefined ? undefined : this.#carriers[path].carry(bulk);
    const { callId, call } = this.#open(name);
    const attachments: FrameAttachment[] = carried === undefined ? [] : [carried.attachment];
    const beside = carried === undefined ? [] : [new Attachment(0, carried.format, carried.meta)];
    const body = encodeCall({
      function: name,
      args: [...args, ...beside],
      kwargs: {},
      options: {},
    });
    this.#send({ kind: "call", callId, body, attachments }).catch((error: unknown) => {
      carried?.cancel();
      this.#settle(callId, { kind: "lost", error });
    });
    return call;
  }

  stream(name: string, args: readonly Value[], window: number): Streaming {
    const { callId, call } = this.#open(name);
    const init = {
      callId,
      carrier: this.#carriers.shared,
      send: (frame: FrameInit) => this.#send(frame),
    };
    const reader = new ChunkReader({ ...init, window });
    const writer = new ChunkWriter(init);
    this.#streams.set(callId, { reader, writer });
    const body = encodeCall({
      function: name,
      args: [window, ...args],
      kwargs: {},
      options: { stream: true },
    });
    this.#send({ kind: "call", callId, body }).catch((error: unknown) => {
      this.#settle(callId, { kind: "lost", error });
      reader.close(error);
      writer.close(error);
    });
    return { reader, writer, answer: call.answer };
  }

  /** For when the connection has ended: all that was on its way has been answered or refused. */
  async settled(): Promise<void> {
    await this.connection.closed;
    await Promise.allSettled(this.#sends);
    // Whoever hears of the end has had a turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (const { name } of this.#calls.values()) this.problems.push(`${name} was never answered`);
  }

  #open(name: string): { callId: number; call: Call } {
    const callId = (this.#last += 1);
    const call = new Call(name);
    this.#calls.set(callId, call);
    return { callId, call };
  }

  async #send(frame: FrameInit): Promise<void> {
    const sent = this.connection.send(frame);
    this.#sends.add(sent);
    try {
      await sent;
    } finally {
      this.#sends.delete(sent);
    }
  }

  #settle(callId: number, outcome: Outcome): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    if (outcome.kind === "lost") this.#note(call.name, outcome.error);
    call.settle(outcome);
  }

  #note(name: string, error: unknown): void {
    if (isAmphisError(error)) this.lost.push(error.code);
    else this.problems.push(`${name} was lost with ${String(error)}`);
  }

  #take(frame: Frame): void {
    const stream = this.#streams.get(frame.callId);
    const isOfStream = stream?.reader.take(frame) === true || stream?.writer.take(frame) === true;
    if (isOfStream && frame.kind !== "error") return;
    if (!this.#calls.has(frame.callId)) {
      // An answer that came while its stream broke off is to nobody.
      if (stream === undefined) this.problems.push(`${frame.kind} answers no call`);
      return;
    }
    const open = (): void => this.#settle(frame.callId, this.#outcome(frame));
    // Some look later at what came, when the guest has let its own share go, or is gone.
    if (frame.attachments.length > 0 && frame.callId % 3 === 0) setImmediate(open);
    else open();
  }

  #outcome({ kind, body, attachments }: Frame): Outcome {
    try {
      if (kind === "error") throw decodeErrorBody(body);
      const { value } = decodeResult(body);
      if (!(value instanceof Attachment)) return { kind: "answered", answer: value };
      const [attachment] = attachments;
      if (attachment === undefined) throw new Error("Cannot take result: it has no attachment");
      return { kind: "answered", answer: this.#carriers.shared.open(attachment, value) };
    } catch (error) {
      return { kind: "lost", error };
    }
  }

  #ended(reason: CloseReason): void {
    const error = reason.kind === "failed" ? reason.error : lostPeer(this.connection);
    for (const { reader, writer } of this.#streams.values()) {
      reader.close(error);
      writer.close(error);
    }
    for (const callId of this.#calls.keys()) this.#settle(callId, { kind: "lost", error });
  }
}

function lostPeer({ peer }: Connection): AmphisError {
  const { address } = peer;
  return new AmphisError("PEER_LOST", "Cannot finish call: the guest is gone", {
    address,
    silentMs: 0,
  });
}
