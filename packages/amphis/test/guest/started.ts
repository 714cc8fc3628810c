import type { ChildProcess } from "node:child_process";

import {
  AmphisError,
  Attachment,
  decodeErrorBody,
  decodeResult,
  encodeCall,
  type Frame,
  type FrameAttachment,
  type Value,
} from "@amphis/protocol";
import {
  type Bulk,
  type Carried,
  Carrier,
  ChunkReader,
  ChunkWriter,
  type Placement,
  type SharedMemory,
  type SharedMemoryOptions,
} from "../../src/memory/index.ts";
import type { Connection } from "../../src/transport/transport.ts";
import { type GuestProcess, startGuestProcess } from "./guest-process.ts";

export interface GuestOptions extends SharedMemoryOptions {
  readonly placement?: Placement | undefined;
  readonly ringBytes?: number | undefined;
}

/** What a call answers: a small value, or what came out of an attachment. */
export type Answer = Value | Carried;

/** What a call with streams of chunks is opened with. */
export interface StreamOptions {
  readonly args?: readonly Value[];
  readonly window?: number;
  /** Window of the guest's reader. */
  readonly guestWindow?: number;
  readonly signal?: AbortSignal;
}

/** A call with a stream of chunks in each direction. */
export interface Streaming {
  readonly callId: number;
  readonly reader: ChunkReader;
  readonly writer: ChunkWriter;
  readonly answer: Promise<Answer>;
}

/** A Python process that shares memory with this one; it ends with the test. */
export class Guest {
  readonly memory: SharedMemory;
  readonly connection: Connection;
  readonly carrier: Carrier;
  readonly process: ChildProcess;
  readonly #open = new Map<number, (outcome: Answer | Error) => void>();
  readonly #streams = new Map<number, Streaming>();
  #calls = 0;

  private constructor({ connection, memory, process }: GuestProcess, placement?: Placement) {
    this.connection = connection;
    this.memory = memory;
    this.process = process;
    this.carrier = new Carrier({ link: connection.memory, placement });
    this.connection.receive((frame) => this.#take(frame));
    void this.connection.closed.then((reason) => {
      const error = new AmphisError("PEER_LOST", `Cannot go on: ${reason.kind}`, {
        address: "guest",
        silentMs: 0,
      });
      for (const settle of this.#open.values()) settle(error);
      this.#open.clear();
      for (const { reader, writer } of this.#streams.values()) {
        reader.close(error);
        writer.close(error);
      }
    });
  }

  static async start(options: GuestOptions = {}): Promise<Guest> {
    const { placement, ...processOptions } = options;
    return new Guest(await startGuestProcess(processOptions), placement);
  }

  /** Calls a function of `work.py`, or of any module that is named. */
  async call(name: string, ...args: readonly (Value | Bulk)[]): Promise<Answer> {
    const attachments: FrameAttachment[] = [];
    const values = args.map((arg) => this.#value(arg, attachments));
    const callId = (this.#calls += 1);
    const settled = new Promise<Answer | Error>((resolve) => this.#open.set(callId, resolve));
    const body = encodeCall({
      function: name.includes(":") ? name : `work:${name}`,
      args: values,
      kwargs: {},
      options: {},
    });
    await this.connection.send({ kind: "call", callId, body, attachments });
    const outcome = await settled;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /** Calls a function of `stream_work.py` with a stream of chunks in each direction. */
  async stream(name: string, options: StreamOptions = {}): Promise<Streaming> {
    const { args = [], window, guestWindow = 8, signal } = options;
    const callId = (this.#calls += 1);
    const send = this.connection.send.bind(this.connection);
    const init = { callId, carrier: this.carrier, send };
    const reader = new ChunkReader({ ...init, window, signal });
    const writer = new ChunkWriter(init);
    const answer = new Promise<Answer | Error>((resolve) => this.#open.set(callId, resolve)).then(
      (outcome) => {
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    );
    // Not every test waits for it.
    answer.catch(() => undefined);
    const streaming = { callId, reader, writer, answer };
    this.#streams.set(callId, streaming);
    const body = encodeCall({
      function: `stream_work:${name}`,
      args: [guestWindow, ...args],
      kwargs: {},
      options: { stream: true },
    });
    await this.connection.send({ kind: "call", callId, body });
    return streaming;
  }

  #value(arg: Value | Bulk, attachments: FrameAttachment[]): Value {
    if (typeof arg !== "object" || arg === null || Array.isArray(arg)) return arg as Value;
    const carried = this.carrier.carry(arg as Bulk);
    attachments.push(carried.attachment);
    return new Attachment(attachments.length - 1, carried.format, carried.meta);
  }

  #take(frame: Frame): void {
    const streaming = this.#streams.get(frame.callId);
    const isOfStream = streaming?.reader.take(frame) === true || streaming?.writer.take(frame);
    if (isOfStream === true && frame.kind !== "error") return;
    const settle = this.#open.get(frame.callId);
    this.#open.delete(frame.callId);
    try {
      settle?.(this.#outcome(frame));
    } catch (error) {
      settle?.(error as Error);
    }
  }

  #outcome({ kind, body, attachments }: Frame): Answer | Error {
    if (kind === "error") return decodeErrorBody(body);
    const { value } = decodeResult(body);
    if (!(value instanceof Attachment)) return value;
    const attachment = attachments[value.index];
    if (attachment === undefined) throw new RangeError("Cannot take result: no such attachment");
    return this.carrier.open(attachment, value);
  }
}
