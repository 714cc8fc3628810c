import { monotonicMs } from "../platform.ts";
import type { Priority } from "../priority.ts";
import { checkMessage } from "./check.ts";
import { Message, type MessageInit, type MessageType } from "./message.ts";

/** What a message without an id is made of. */
export type MessageDraftInit<T> = Omit<MessageInit<T>, "id" | "correlationId" | "timestamp">;

/**
 * All of a new message but its id.
 *
 * Most messages are only sent, and nobody here ever looks at their id: a codec makes it as bytes then, which as text would cost as much as
 * the rest of the message.
 */
export class MessageDraft<T = unknown> {
  readonly type: MessageType;
  readonly priority: Priority;
  readonly ttlMs: number | undefined;
  readonly target: string;
  readonly source: string;
  readonly timestamp: number;
  readonly schema: string | undefined;
  readonly version: number;
  readonly metadata: MessageInit["metadata"];
  readonly payload: T;
  /** As that of a {@link Message}. */
  readonly deadline: number | undefined;
  /** On the monotonic clock. */
  readonly madeAt: number;

  /** @throws {AmphisError} MESSAGE_INVALID naming the field that is wrong */
  constructor(init: MessageDraftInit<T>, now: number = monotonicMs()) {
    checkMessage(init, false);
    const { type, priority = "normal", ttlMs, target = "", source = "", version = 1 } = init;
    this.type = type;
    this.priority = priority;
    this.ttlMs = ttlMs;
    this.target = target;
    this.source = source;
    this.timestamp = Date.now();
    this.schema = init.schema;
    this.version = version;
    this.metadata = init.metadata === undefined ? undefined : { ...init.metadata };
    this.payload = init.payload;
    this.deadline = ttlMs === undefined ? undefined : now + ttlMs;
    this.madeAt = now;
  }

  /** The message, with an id that is new each time. */
  message(): Message<T> {
    return new Message<T>(this, this.madeAt);
  }
}
