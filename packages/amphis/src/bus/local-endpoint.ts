import { AmphisError, type MessageContent, type Value } from "@amphis/protocol";

import type { Answer, EndpointStats, Request, RequestHandler } from "./bus.ts";
import type { CallEnd } from "./call-part.ts";
import type { PayloadChecks } from "./contracts.ts";
import { type CallWants, ONE_VALUE, type RequestSink } from "./exchange.ts";
import { Invocation, type InvocationHost } from "./invocation.ts";
import type { Parcel } from "./parcel.ts";
import { PriorityQueue } from "./priority-queue.ts";

/** An endpoint of this process: its handler, and the requests that wait for it. */
export class LocalEndpoint implements RequestSink, InvocationHost {
  readonly name: string;
  readonly #handler: RequestHandler;
  readonly #options: EndpointSettings;
  readonly #checks: PayloadChecks;
  readonly #running = new Set<Invocation>();
  readonly #queue = new PriorityQueue<Invocation>(({ isOver }) => isOver);
  #answered = 0;
  #failed = 0;
  #expired = 0;
  #refused = 0;
  #state: "open" | "draining" | "closed" = "open";
  #onIdle: (() => void)[] = [];

  constructor(
    name: string,
    handler: RequestHandler,
    options: EndpointSettings,
    checks: PayloadChecks,
  ) {
    this.name = name;
    this.#handler = handler;
    this.#options = options;
    this.#checks = checks;
  }

  get load(): number {
    return this.#running.size + this.#queue.length;
  }

  get stats(): EndpointStats {
    return {
      running: this.#running.size,
      queued: this.#queue.length,
      answered: this.#answered,
      failed: this.#failed,
      expired: this.#expired,
      refused: this.#refused,
    };
  }

  request(parcel: Parcel, wants: CallWants, caller: CallEnd | undefined): Invocation {
    if (this.#state !== "open") throw this.#gone();
    if (this.#queue.length >= this.#options.maxQueued) throw this.#busy();
    const invocation = new Invocation(this, parcel, wants, caller);
    if (this.#running.size < this.#options.concurrency) this.#start(invocation, parcel.isSpent);
    else this.#queue.add(invocation, parcel.priority);
    return invocation;
  }

  send(parcel: Parcel): void {
    this.request(parcel, ONE_VALUE, undefined);
  }

  handle(content: MessageContent, request: Request): Answer | Promise<Answer> {
    this.#checks.request(content);
    return this.#handler(content.payload, request);
  }

  checkAnswer(answer: Value): void {
    this.#checks.answer(answer);
  }

  done(invocation: Invocation, outcome: "answered" | "failed" | "dropped"): void {
    if (outcome === "answered") this.#answered += 1;
    if (outcome === "failed") this.#failed += 1;
    if (this.#running.delete(invocation)) this.#startNext();
    else this.#queue.gaveUp();
    if (this.#onIdle.length > 0 && this.load === 0) this.#tellIdle();
  }

  /** Takes no more requests. Resolves when none is under way. */
  drain(): Promise<void> {
    if (this.#state === "open") this.#state = "draining";
    return this.idle();
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.load === 0 || this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  /** Takes no more requests, and lets go of those under way. */
  close(): void {
    this.#state = "closed";
    const gone = this.#gone();
    for (const invocation of [...this.#queue.all(), ...this.#running]) invocation.refuse(gone);
    // Whoever waits for the last answer need not wait for handlers that never end.
    this.#tellIdle();
  }

  #tellIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #start(invocation: Invocation, isExpired: boolean): void {
    this.#running.add(invocation);
    if (isExpired) {
      this.#expired += 1;
      invocation.expire();
      return;
    }
    invocation.run();
  }

  #startNext(): void {
    while (this.#queue.length > 0 && this.#running.size < this.#options.concurrency) {
      const next = this.#queue.take();
      if (next === undefined) return;
      this.#start(next, next.parcel.isExpired);
    }
  }

  #busy(): AmphisError {
    this.#refused += 1;
    const { name } = this;
    const limit = this.#options.maxQueued;
    const message = `Cannot take request: ${limit} wait for endpoint ${name} already`;
    return new AmphisError("ENDPOINT_BUSY", message, { endpoint: name, limit });
  }

  #gone(): AmphisError {
    const { name } = this;
    const reason = "the endpoint was closed";
    const message = `Cannot answer request to ${name}: ${reason}`;
    return new AmphisError("ENDPOINT_GONE", message, { endpoint: name, reason });
  }
}

/** How much an endpoint takes at once. */
export interface EndpointSettings {
  readonly concurrency: number;
  readonly maxQueued: number;
}
