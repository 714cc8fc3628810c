import { type AmphisError, type FrameInit, isAmphisError } from "@amphis/protocol";

import type { Connect } from "./pool/contract.ts";
import type {
  Link,
  LinkOptions,
  LinkSendOptions,
  LinkState,
  WhenUpOptions,
} from "./reconnect/contract.ts";
import {
  closedError,
  errorOf,
  exhaustedError,
  lossOf,
  queueFullError,
} from "./reconnect/errors.ts";
import { Backlog, Outgoing } from "./reconnect/outgoing.ts";
import { checkWhileDown, type LinkSettings, linkSettings } from "./reconnect/settings.ts";
import { UpWaiters } from "./reconnect/up-waiters.ts";
import type { CloseReason, Connection, Receiver } from "./transport.ts";

export type {
  Link,
  LinkOptions,
  LinkSendOptions,
  LinkState,
  WhenUpOptions,
  WhileDown,
} from "./reconnect/contract.ts";

/**
 * A link that connects again whenever its connection ends. Starts to connect at once and does not wait for it.
 *
 * @throws {RangeError | TypeError} for options that make no sense
 */
export function reconnecting(connect: Connect, options: LinkOptions = {}): Link {
  return new ReconnectingLink(connect, linkSettings(options));
}

class ReconnectingLink implements Link {
  readonly closed: Promise<CloseReason>;
  readonly #connect: Connect;
  readonly #settings: LinkSettings;
  readonly #backlog: Backlog;
  readonly #pending = new Set<Outgoing>();
  readonly #upWaiters = new UpWaiters();
  #state: LinkState = { kind: "connecting", attempt: 1 };
  #address: string;
  #receiver: Receiver | undefined;
  #turn = 0;
  #failures = 0;
  #upSince = 0;
  #stopTimer: () => void = () => undefined;
  #attempt = new AbortController();
  #opening: Promise<void>;
  #drained: Promise<CloseReason> | undefined;
  #resolveClosed: (reason: CloseReason) => void = () => undefined;

  constructor(connect: Connect, settings: LinkSettings) {
    this.#connect = connect;
    this.#settings = settings;
    this.#address = settings.address;
    this.#backlog = new Backlog(settings.queueBytes);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#opening = this.#open(this.#attempt.signal);
  }

  get state(): LinkState {
    return this.#state;
  }

  get queuedBytes(): number {
    return this.#backlog.bytes;
  }

  async send(frame: FrameInit, options: LinkSendOptions = {}): Promise<void> {
    const { signal, whileDown = this.#settings.whileDown } = options;
    checkWhileDown(whileDown);
    signal?.throwIfAborted();
    if (this.#isClosed) throw this.#endError("send frame");
    if (this.#drained !== undefined) throw this.#closedError("the link is draining");
    const outgoing = new Outgoing(frame, this.#turn, whileDown, signal);
    this.#turn += 1;
    this.#pending.add(outgoing);
    if (this.#state.kind === "up") void this.#transmit(outgoing, this.#state.connection);
    else this.#hold(outgoing);
    try {
      await outgoing.accepted;
    } finally {
      this.#pending.delete(outgoing);
    }
  }

  receive(receiver: Receiver): void {
    if (this.#receiver !== undefined) {
      throw new TypeError("Cannot set receiver: the link has one already");
    }
    if ("connection" in this.#state) this.#state.connection.receive(receiver);
    this.#receiver = receiver;
  }

  async whenUp({ signal }: WhenUpOptions = {}): Promise<Connection> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw this.#endError("connect");
    if ("connection" in this.#state) return this.#state.connection;
    return this.#upWaiters.wait(signal);
  }

  drain(): Promise<CloseReason> {
    return (this.#drained ??= this.#drainAll());
  }

  close(error?: AmphisError): Promise<CloseReason> {
    return this.#end(error === undefined ? { kind: "local" } : { kind: "failed", error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  #try(): void {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    this.#enter({ kind: "connecting", attempt: this.#failures + 1 });
    if (!this.#isClosed) this.#opening = this.#open(signal);
  }

  async #open(signal: AbortSignal): Promise<void> {
    let connection: Connection;
    try {
      connection = await this.#connected(signal);
    } catch (error) {
      if (!this.#isClosed) this.#failed(errorOf(error));
      return;
    }
    if (!this.#isClosed) this.#up(connection);
    else await connection.close();
  }

  async #connected(signal: AbortSignal): Promise<Connection> {
    // Not before the constructor has returned, whatever `connect` does.
    const connection = await Promise.resolve(signal).then(this.#connect);
    try {
      if (this.#receiver !== undefined) connection.receive(this.#receiver);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  #up(connection: Connection): void {
    this.#address = this.#settings.address || connection.peer.address;
    this.#upSince = this.#settings.clock.now();
    void connection.closed.then((reason) => this.#lost(connection, reason));
    this.#state = { kind: "up", connection };
    for (const outgoing of this.#backlog.takeAll()) void this.#transmit(outgoing, connection);
    this.#enter(this.#state);
    this.#upWaiters.resolve(connection);
  }

  #lost(connection: Connection, reason: CloseReason): void {
    if (this.#state.kind !== "up" || this.#state.connection !== connection) return;
    const { clock, stableMs } = this.#settings;
    if (clock.now() - this.#upSince >= stableMs) this.#failures = 0;
    else this.#failures += 1;
    this.#retry(lossOf(reason, this.#address));
  }

  #failed(error: Error): void {
    this.#failures += 1;
    if (isAmphisError(error) && !error.retryable) void this.#end({ kind: "failed", error });
    else this.#retry(error);
  }

  #retry(error: Error): void {
    const { backoff, clock, maxAttempts } = this.#settings;
    if (this.#failures >= maxAttempts) {
      const exhausted = exhaustedError(this.#failures, this.#address, error);
      void this.#end({ kind: "failed", error: exhausted });
      return;
    }
    const delayMs = backoff(this.#failures);
    this.#stopTimer = clock.after(delayMs, () => this.#try(), "foreground");
    this.#enter({ kind: "waiting", delayMs, error });
  }

  async #transmit(outgoing: Outgoing, connection: Connection): Promise<void> {
    const { frame, signal } = outgoing;
    try {
      await connection.send(frame, { signal });
      outgoing.resolve();
    } catch (error) {
      this.#refused(outgoing, connection, error);
    }
  }

  /** The connection did not accept it, so nothing of it was sent. */
  #refused(outgoing: Outgoing, connection: Connection, error: unknown): void {
    const closed = isAmphisError(error, "CONNECTION_CLOSED");
    if (!closed || outgoing.whileDown === "fail") outgoing.reject(error);
    else if (this.#state.kind === "up" && this.#state.connection !== connection) {
      void this.#transmit(outgoing, this.#state.connection);
    } else this.#hold(outgoing);
  }

  #hold(outgoing: Outgoing): void {
    const { whileDown, signal } = outgoing;
    if (this.#isClosed) outgoing.reject(this.#endError("send frame"));
    else if (signal?.aborted === true) outgoing.reject(signal.reason);
    else if (whileDown === "fail") outgoing.reject(this.#closedError("there is no connection"));
    else if (!this.#backlog.add(outgoing)) {
      outgoing.reject(queueFullError(this.#settings.queueBytes, this.#address));
    }
  }

  async #drainAll(): Promise<CloseReason> {
    await Promise.allSettled([...this.#pending].map((outgoing) => outgoing.accepted));
    if (this.#isClosed) return this.closed;
    if (this.#state.kind !== "up") return this.#end({ kind: "local" });
    const { connection } = this.#state;
    this.#enter({ kind: "draining", connection });
    const reason = await connection.drain();
    return this.#end(reason.kind === "failed" ? reason : { kind: "local" });
  }

  #end(reason: CloseReason): Promise<CloseReason> {
    if (!this.#isClosed) {
      const connection = "connection" in this.#state ? this.#state.connection : undefined;
      this.#state = { kind: "closed", reason };
      void this.#letGo(reason, connection);
      const error = this.#endError("send frame");
      for (const outgoing of this.#backlog.takeAll()) outgoing.reject(error);
      this.#upWaiters.reject(error);
      this.#enter(this.#state);
    }
    return this.closed;
  }

  async #letGo(reason: CloseReason, connection: Connection | undefined): Promise<void> {
    this.#stopTimer();
    this.#attempt.abort(closedError("connect", "the link was closed", this.#address));
    const error = reason.kind === "failed" ? reason.error : undefined;
    await Promise.all([connection?.close(error), this.#opening]);
    this.#resolveClosed(reason);
  }

  /** Enters the state, then tells; what the observer does may end the link. */
  #enter(state: LinkState): void {
    this.#state = state;
    try {
      this.#settings.onState?.(state);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #closedError(reason: string): AmphisError {
    const cause = this.#state.kind === "waiting" ? this.#state.error : undefined;
    return closedError("send frame", reason, this.#address, cause);
  }

  #endError(act: string): AmphisError {
    const { state } = this;
    if (state.kind === "closed" && state.reason.kind === "failed") return state.reason.error;
    return closedError(act, "the link was closed", this.#address);
  }
}
