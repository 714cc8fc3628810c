import {
  decodeEvent,
  decodeLog,
  encodeCancel,
  encodeEvent,
  type EventBody,
  type Frame,
  type FrameKind,
  Place,
} from "@amphis/protocol";

import type { Connection } from "../../transport/index.ts";
import { remoteError } from "./failures.ts";
import type { LogEntry, ReadyInfo, WorkerEvent } from "./reports.ts";

/** Highest number of a signal, of any system. */
const MOST_SIGNAL = 64;

/** Whom a control line tells. */
export interface ControlListener {
  onReady(info: ReadyInfo): void;
  onLog(entry: LogEntry): void;
  onEvent(event: WorkerEvent): void;
  /** The worker gives calls back. @returns what is then told of it @throws for calls that it may not give back */
  onRecalled(callIds: readonly number[]): () => void;
  /** The worker sent what it may not: the conversation is over. */
  onRefused(frame: Frame, reason: unknown): void;
}

interface Waiting {
  resolve(text: string): void;
  reject(error: unknown): void;
}

/** What is said to a worker while Python computes: a thread of its own hears it there. */
export class ControlLine {
  readonly #connection: Connection;
  readonly #listener: ControlListener;
  /** Who asked for stacks, in order. */
  #waiting: Waiting[] = [];

  constructor(connection: Connection, listener: ControlListener) {
    this.#connection = connection;
    this.#listener = listener;
    connection.receive((frame) => this.#take(frame));
  }

  cancel(callId: number, reason: string, code: string): void {
    this.#send("cancel", callId, encodeCancel({ reason, code }));
  }

  /** Sends what was said now, for one who blocks this thread next. */
  flush(): void {
    this.#connection.flush?.();
  }

  /** Asks the worker to give back which of these calls it has not begun. */
  recall(callIds: readonly number[]): void {
    this.#send("event", 0, encodeEvent({ event: "recall", calls: callIds }));
  }

  /** Says that nobody hears of operations any more. */
  quiet(): void {
    this.#send("event", 0, encodeEvent({ event: "quiet" }));
  }

  /** Asks the worker to end in good order. */
  stop(): void {
    this.#send("event", 0, encodeEvent({ event: "stop" }));
  }

  /** Stacks of all threads. */
  stacks(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const body = encodeEvent({ event: "dump" });
      this.#connection.send({ kind: "event", body }).catch(reject);
    });
  }

  async ping(): Promise<void> {
    await this.#connection.ping?.();
  }

  end(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    void this.#connection.close();
  }

  /** A line that has ended is noticed by its end. */
  #send(kind: FrameKind, callId: number, body: Uint8Array): void {
    this.#connection.send({ kind, callId, body }).catch(ignore);
  }

  #take(frame: Frame): void {
    let tell: () => void;
    try {
      tell = this.#read(frame);
    } catch (error) {
      this.#listener.onRefused(frame, error);
      return;
    }
    tell();
  }

  /** Judges a frame. @returns what is then told of it */
  #read({ kind, body }: Frame): () => void {
    if (kind === "log") {
      const entry = decodeLog(body);
      return () => this.#listener.onLog(entry);
    }
    if (kind !== "event") throw new TypeError(`${kind} does not belong on the control line`);
    const event = decodeEvent(body);
    if (event.event === "ready") {
      const info = readReady(event);
      return () => this.#listener.onReady(info);
    }
    if (event.event === "recalled") {
      const calls = new Place("event", event).key("calls").array(0);
      return this.#listener.onRecalled(calls.map((each) => each.int(1, Number.MAX_SAFE_INTEGER)));
    }
    if (event.event !== "stacks") return () => this.#listener.onEvent(event);
    const text = new Place("event", event).key("text").text();
    return () => this.#waiting.shift()?.resolve(text);
  }
}

/** @throws {AmphisError} BODY_INVALID */
function readReady(event: EventBody): ReadyInfo {
  const place = new Place("event", event);
  return {
    pid: place.key("pid").int(0, Number.MAX_SAFE_INTEGER),
    python: place.key("python").text(),
    implementation: place.key("implementation").text(),
    executable: place.key("executable").text(),
    loaded: place.key("loaded").texts(),
    failed: place
      .key("failed")
      .array(0)
      .map((each) => ({
        module: each.key("module").text(),
        failure: remoteError(each.key("failure").map()),
      })),
    stacksSignal:
      place.map()["stacksSignal"] === undefined
        ? undefined
        : place.key("stacksSignal").int(1, MOST_SIGNAL),
    guard: guardOf(place.map()["guard"]),
  };
}

function guardOf(said: unknown): ReadyInfo["guard"] {
  return said === "native" || said === "python" ? said : undefined;
}

function ignore(): void {
  // The end of the line tells.
}
