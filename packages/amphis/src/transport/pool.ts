import { AmphisError } from "@amphis/protocol";

import type {
  AcquireOptions,
  Connect,
  Lease,
  Pool,
  PoolMetrics,
  PoolOptions,
  PoolSettings,
  PoolState,
} from "./pool/contract.ts";
import { isHealthy } from "./pool/health.ts";
import { Member } from "./pool/member.ts";
import { poolSettings } from "./pool/settings.ts";
import { Waiter } from "./pool/waiter.ts";
import type { Connection } from "./transport.ts";

export type {
  AcquireOptions,
  Connect,
  HealthCheck,
  Lease,
  Pool,
  PoolMetrics,
  PoolOptions,
  PoolState,
} from "./pool/contract.ts";

/**
 * Connections to one place, lent to one holder at a time.
 *
 * Starts to open the minimum at once and does not wait for it.
 *
 * @throws {RangeError} for options that make no sense
 */
export function openPool(connect: Connect, options: PoolOptions = {}): Pool {
  return new ConnectionPool(connect, poolSettings(options));
}

class ConnectionPool implements Pool {
  readonly #connect: Connect;
  readonly #settings: PoolSettings;
  readonly #members = new Set<Member>();
  /** Members that nobody gets again and of which something is left. */
  readonly #leaving = new Set<Member>();
  /** The one that was used last is at the end and goes first, so that those not needed grow old. */
  readonly #idle: Member[] = [];
  readonly #waiters = new Set<Waiter>();
  /** Attempts to connect and health checks under way; closing aborts them. */
  readonly #attempts = new Set<AbortController>();
  readonly #checks = new Set<AbortController>();
  readonly #total = { acquired: 0, timeouts: 0, created: 0, closed: 0, failed: 0, unhealthy: 0 };
  #state: PoolState = { kind: "open" };
  #address: string;
  #failures = 0;
  #stopRetry: (() => void) | undefined;
  #emptied: (() => void)[] = [];
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(connect: Connect, settings: PoolSettings) {
    this.#connect = connect;
    this.#settings = settings;
    this.#address = settings.address;
    this.#pump();
  }

  get state(): PoolState {
    return this.#state;
  }

  get metrics(): PoolMetrics {
    let lent = 0;
    for (const { state } of this.#members) if (state === "lent") lent += 1;
    return {
      open: this.#members.size,
      idle: this.#idle.length,
      lent,
      opening: this.#attempts.size,
      waiting: this.#waiters.size,
      ...this.#total,
    };
  }

  async acquire({ signal, deadline = Infinity }: AcquireOptions = {}): Promise<Lease> {
    signal?.throwIfAborted();
    if (this.#state.kind !== "open") throw this.#endedError("acquire connection");
    const { clock, acquireTimeoutMs } = this.#settings;
    if (typeof deadline !== "number" || Number.isNaN(deadline)) {
      throw new RangeError(`Cannot acquire connection: deadline must be a number, got ${deadline}`);
    }
    const limitMs = Math.min(acquireTimeoutMs || Infinity, deadline - clock.now());
    if (limitMs <= 0) throw this.#timeout(0);
    const waiter = new Waiter({
      clock,
      limitMs,
      signal,
      leave: (left) => this.#leave(left),
      timeout: (waitedMs) => this.#timeout(waitedMs),
    });
    this.#waiters.add(waiter);
    this.#pump();
    return waiter.lease;
  }

  drain(): Promise<void> {
    return this.#closed ?? (this.#drained ??= this.#drainAll());
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#closeAll());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Finds a connection for everybody who waits, as far as there may be one more. */
  #pump(): void {
    while (this.#attempts.size + this.#checks.size < this.#waiters.size) {
      const member = this.#idle.pop();
      if (member !== undefined) this.#takeIdle(member);
      else if (this.#hasRoom()) void this.#open();
      else break;
    }
    if (this.#state.kind === "draining" && this.#waiters.size === 0) this.#dropIdle();
    this.#keepMinimum();
    this.#tellEmpty();
  }

  get #staying(): number {
    return this.#members.size - this.#leaving.size;
  }

  #hasRoom(): boolean {
    return this.#members.size + this.#attempts.size < this.#settings.maxConnections;
  }

  #keepMinimum(): void {
    if (this.#state.kind !== "open") return;
    const { minConnections } = this.#settings;
    while (this.#staying + this.#attempts.size < minConnections && this.#hasRoom()) {
      // An attempt has failed, and the next one has its time.
      if (this.#stopRetry !== undefined) return;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    let connection: Connection | undefined;
    try {
      connection = await this.#connect(attempt.signal);
      this.#attempts.delete(attempt);
      this.#join(connection);
    } catch (error) {
      this.#attempts.delete(attempt);
      void connection?.close();
      this.#attemptFailed(error);
    }
  }

  #join(connection: Connection): void {
    const { clock, maxLifetimeMs } = this.#settings;
    this.#failures = 0;
    this.#total.created += 1;
    this.#address = this.#settings.address || connection.peer.address;
    const member = new Member(connection, clock.now(), {
      ended: (gone) => this.#ended(gone),
      strayed: (dirty) => this.#retire(dirty, "close"),
    });
    this.#members.add(member);
    if (this.#state.kind === "closed") {
      this.#retire(member, "close");
      return;
    }
    if (maxLifetimeMs > 0) {
      member.stopLifetime = clock.after(maxLifetimeMs, () => this.#outlived(member), "background");
    }
    this.#put(member);
  }

  #attemptFailed(error: unknown): void {
    const { clock, backoff } = this.#settings;
    this.#total.failed += 1;
    this.#failures += 1;
    if (this.#stopRetry === undefined && this.#state.kind === "open") {
      const retry = (): void => {
        this.#stopRetry = undefined;
        this.#pump();
      };
      this.#stopRetry = clock.after(backoff(this.#failures), retry, "background");
    }
    const [first] = this.#waiters;
    if (first === undefined) this.#pump();
    else first.fail(error);
  }

  #takeIdle(member: Member): void {
    member.stopIdle();
    if (!this.#isFit(member)) this.#retire(member, "drain");
    else if (this.#settings.healthCheck === undefined) this.#put(member);
    else void this.#check(member);
  }

  async #check(member: Member): Promise<void> {
    const check = new AbortController();
    this.#checks.add(check);
    const healthy = await isHealthy(member.hold("checking"), this.#settings, check.signal);
    const clean = await member.release();
    this.#checks.delete(check);
    if (!healthy) this.#total.unhealthy += 1;
    if (healthy && clean) this.#put(member);
    else this.#retire(member, "close");
  }

  /** Gives a connection that nobody has to whoever has waited longest. */
  #put(member: Member): void {
    const [first] = this.#waiters;
    if (!this.#isFit(member)) this.#retire(member, "drain");
    else if (first !== undefined) this.#lend(member, first);
    else if (this.#state.kind === "draining") this.#retire(member, "drain");
    else this.#rest(member);
  }

  #lend(member: Member, waiter: Waiter): void {
    const connection = member.hold("lent");
    let returned: Promise<void> | undefined;
    const release = (): Promise<void> => (returned ??= this.#takeBack(member));
    this.#total.acquired += 1;
    waiter.serve({
      connection,
      release,
      discard: () => (returned ??= this.#discard(member)),
      [Symbol.asyncDispose]: release,
    });
  }

  async #takeBack(member: Member): Promise<void> {
    if (await member.release()) this.#put(member);
    else this.#retire(member, "close");
  }

  async #discard(member: Member): Promise<void> {
    this.#retire(member, "close");
    await Promise.all([member.release(), member.connection.close()]);
  }

  #rest(member: Member): void {
    const { clock, idleTimeoutMs } = this.#settings;
    this.#idle.push(member);
    if (idleTimeoutMs > 0) {
      member.stopIdle = clock.after(idleTimeoutMs, () => this.#idledOut(member), "background");
    }
    this.#pump();
  }

  #idledOut(member: Member): void {
    if (this.#staying > this.#settings.minConnections) this.#retire(member, "drain");
  }

  #outlived(member: Member): void {
    if (member.state === "unused") this.#retire(member, "drain");
  }

  #isFit(member: Member): boolean {
    const { clock, maxLifetimeMs } = this.#settings;
    return member.isOpen && (maxLifetimeMs === 0 || clock.now() - member.openedAt < maxLifetimeMs);
  }

  /** It counts until nothing of it is left. */
  #retire(member: Member, how: "drain" | "close"): void {
    member.state = "leaving";
    if (this.#members.has(member)) this.#leaving.add(member);
    this.#forget(member);
    void (how === "drain" ? member.connection.drain() : member.connection.close());
    this.#pump();
  }

  #ended(member: Member): void {
    this.#forget(member);
    this.#leaving.delete(member);
    if (this.#members.delete(member)) this.#total.closed += 1;
    this.#pump();
  }

  #forget(member: Member): void {
    member.stopIdle();
    member.stopLifetime();
    const at = this.#idle.indexOf(member);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#pump();
  }

  #dropIdle(): void {
    for (const member of this.#idle.splice(0)) this.#retire(member, "drain");
  }

  async #drainAll(): Promise<void> {
    this.#state = { kind: "draining" };
    this.#cancelRetry();
    this.#pump();
    await this.#empty();
    await this.close();
  }

  async #closeAll(): Promise<void> {
    this.#state = { kind: "closed" };
    this.#cancelRetry();
    const error = this.#endedError("acquire connection");
    for (const waiter of this.#waiters) waiter.fail(error);
    for (const work of [...this.#attempts, ...this.#checks]) work.abort(error);
    for (const member of this.#members) this.#retire(member, "close");
    await this.#empty();
  }

  #cancelRetry(): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied.push(resolve);
      this.#tellEmpty();
    });
  }

  #tellEmpty(): void {
    const left = this.#members.size + this.#attempts.size + this.#checks.size + this.#waiters.size;
    if (left === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  #timeout(waitedMs: number): AmphisError {
    const { maxConnections } = this.#settings;
    this.#total.timeouts += 1;
    return new AmphisError(
      "POOL_TIMEOUT",
      `Cannot acquire connection: none of ${maxConnections} became free in ${Math.round(waitedMs)} ms`,
      { address: this.#address, waitedMs, maxConnections },
    );
  }

  #endedError(act: string): AmphisError {
    const reason = `the pool is ${this.#state.kind}`;
    return new AmphisError("CONNECTION_CLOSED", `Cannot ${act}: ${reason}`, {
      address: this.#address,
      reason,
    });
  }
}
