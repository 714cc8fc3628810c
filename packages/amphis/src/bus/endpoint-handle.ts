import type { Endpoint, EndpointStats, HealthStatus, Registration } from "./bus.ts";
import type { Exchange } from "./exchange.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";

/** An endpoint as whoever registered it holds it. */
export class EndpointHandle implements Endpoint {
  readonly name: string;
  readonly #local: LocalEndpoint;
  readonly #exchange: Exchange;
  readonly #registration: Registration;
  readonly #onOver: (handle: EndpointHandle) => void;
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    local: LocalEndpoint,
    exchange: Exchange,
    registration: Registration,
    onOver: (handle: EndpointHandle) => void,
  ) {
    this.name = local.name;
    this.#local = local;
    this.#exchange = exchange;
    this.#registration = registration;
    this.#onOver = onOver;
  }

  get stats(): EndpointStats {
    return this.#local.stats;
  }

  async report(health: HealthStatus, reason = ""): Promise<void> {
    await this.#exchange.report(this.name, health, reason);
  }

  /** Resolves when no request is under way; it goes on taking them. */
  idle(): Promise<void> {
    return this.#local.idle();
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  /** The hub sends no more once it has taken the registration back, so what is under way then is all there is. */
  async #drain(): Promise<void> {
    await this.#registration.close();
    await this.#local.drain();
    this.#onOver(this);
  }

  async #close(): Promise<void> {
    this.#local.close();
    await this.#registration.close();
    this.#onOver(this);
  }
}
