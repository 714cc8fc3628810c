import type { Priority } from "../priority.ts";
import type { Value } from "../value/index.ts";
import { Message, type MessageInit, type MessageType } from "./message.ts";

/**
 * Builds a message step by step; each step returns a new builder, so one can be kept as a template.
 *
 * ```ts
 * const base = MessageBuilder.of("request").from("api").ttl(2_500);
 * const message = base.to("images").payload({ width: 640 }).build();
 * ```
 */
export class MessageBuilder<T = undefined> {
  readonly #init: MessageInit<T>;

  private constructor(init: MessageInit<T>) {
    this.#init = init;
  }

  static of(type: MessageType): MessageBuilder {
    return new MessageBuilder({ type, payload: undefined });
  }

  to(target: string): MessageBuilder<T> {
    return this.#with({ target });
  }

  from(source: string): MessageBuilder<T> {
    return this.#with({ source });
  }

  priority(priority: Priority): MessageBuilder<T> {
    return this.#with({ priority });
  }

  ttl(ttlMs: number): MessageBuilder<T> {
    return this.#with({ ttlMs });
  }

  id(id: string): MessageBuilder<T> {
    return this.#with({ id });
  }

  answering(correlationId: string): MessageBuilder<T> {
    return this.#with({ correlationId });
  }

  timestamp(timestamp: number): MessageBuilder<T> {
    return this.#with({ timestamp });
  }

  /** Names the contract of the payload. */
  schema(schema: string, version = 1): MessageBuilder<T> {
    return this.#with({ schema, version });
  }

  /** Adds one entry to the metadata. */
  metadata(key: string, value: Value): MessageBuilder<T> {
    return this.#with({ metadata: { ...this.#init.metadata, [key]: value } });
  }

  payload<U>(payload: U): MessageBuilder<U> {
    return new MessageBuilder<U>({ ...this.#init, payload });
  }

  /** @throws {AmphisError} MESSAGE_INVALID naming the field that is wrong */
  build(): Message<T> {
    return new Message<T>(this.#init);
  }

  #with(changes: Partial<MessageInit<T>>): MessageBuilder<T> {
    return new MessageBuilder<T>({ ...this.#init, ...changes });
  }
}
