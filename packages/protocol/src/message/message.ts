import { monotonicMs } from "../platform.ts";
import { formatMessage } from "../print/index.ts";
import type { Priority } from "../priority.ts";
import { setProperty } from "../codec/index.ts";
import { uuidv7, type Value, type ValueMap } from "../value/index.ts";
import { checkMessage } from "./check.ts";

/** Types of messages, in the order of their numbers on the wire. */
export const MESSAGE_TYPES = ["request", "response", "event", "error", "heartbeat"] as const;

export type MessageType = (typeof MESSAGE_TYPES)[number];

/** What a message is made of; all but type and payload may be left out. */
export interface MessageInit<T = Value> {
  readonly type: MessageType;
  readonly payload: T;
  /** Endpoint, pattern or topic. @default "" (not addressed) */
  readonly target?: string | undefined;
  /** Endpoint that makes the message. @default "" (anonymous) */
  readonly source?: string | undefined;
  /** @default "normal" */
  readonly priority?: Priority | undefined;
  /** How long the message is worth delivering, from now. @default undefined (for ever) */
  readonly ttlMs?: number | undefined;
  /** A UUID. @default a new UUIDv7 */
  readonly id?: string | undefined;
  /** Id of the message that this one answers. */
  readonly correlationId?: string | undefined;
  /** Milliseconds since 1970. @default now */
  readonly timestamp?: number | undefined;
  /** Name of the payload's contract. */
  readonly schema?: string | undefined;
  /** Version of that contract. @default 1 */
  readonly version?: number | undefined;
  readonly metadata?: ValueMap | undefined;
}

const NO_METADATA: ValueMap = Object.freeze({});

/**
 * A payload and what is needed to route, order, expire and understand it. Immutable.
 *
 * Time: `ttlMs` is relative, as it travels; `deadline` is what it means here, on this process's monotonic clock. Clocks of two
 * machines are never compared.
 */
export class Message<T = Value> {
  readonly type: MessageType;
  readonly priority: Priority;
  readonly ttlMs: number | undefined;
  readonly target: string;
  readonly id: string;
  readonly correlationId: string | undefined;
  readonly source: string;
  readonly timestamp: number;
  readonly schema: string | undefined;
  readonly version: number;
  readonly metadata: ValueMap;
  readonly payload: T;
  /** When it expires, in milliseconds of the monotonic clock (`performance.now()`); undefined when never. */
  readonly deadline: number | undefined;

  /**
   * @param now what the monotonic clock shows
   * @param decoded true when a decoder made the fields: ids are in canonical form then, and the metadata is nobody else's
   * @throws {AmphisError} MESSAGE_INVALID naming the field that is wrong
   */
  constructor(init: MessageInit<T>, now: number = monotonicMs(), decoded = false) {
    checkMessage(init, decoded);
    const {
      priority = "normal",
      target = "",
      source = "",
      id = uuidv7(),
      timestamp = Date.now(),
      version = 1,
      ttlMs,
    } = init;
    this.type = init.type;
    this.priority = priority;
    this.ttlMs = ttlMs;
    this.target = target;
    this.id = id;
    this.correlationId = init.correlationId;
    this.source = source;
    this.timestamp = timestamp;
    this.schema = init.schema;
    this.version = version;
    this.metadata =
      init.metadata === undefined
        ? NO_METADATA
        : Object.freeze(decoded ? init.metadata : copyOf(init.metadata));
    this.payload = init.payload;
    this.deadline = ttlMs === undefined ? undefined : now + ttlMs;
    Object.freeze(this);
  }

  /**
   * Milliseconds left, rounded down and never negative; undefined when it never expires. This is the TTL that travels, so it is never
   * more than the TTL that came, whatever rounding does to a deadline beyond 2^53.
   */
  remainingMs(now: number = monotonicMs()): number | undefined {
    return this.deadline === undefined
      ? undefined
      : Math.max(0, Math.min(this.ttlMs ?? 0, Math.floor(this.deadline - now)));
  }

  isExpired(now: number = monotonicMs()): boolean {
    return this.deadline !== undefined && this.deadline - now < 1;
  }

  /** A copy with some fields changed. Id, timestamp and what is left of the TTL stay unless they are named. */
  with<U = T>(changes: Partial<MessageInit<U>>, now: number = monotonicMs()): Message<T | U> {
    return new Message<T | U>(
      { ...(this as MessageInit<T>), ttlMs: this.remainingMs(now), ...changes },
      now,
    );
  }

  /** The answer to this message: addressed to its source, with its priority and what is left of its TTL. */
  reply<U>(
    payload: U,
    changes: Partial<Omit<MessageInit<U>, "payload">> = {},
    now: number = monotonicMs(),
  ): Message<U> {
    return new Message<U>(
      {
        type: "response",
        payload,
        target: this.source,
        source: this.target,
        priority: this.priority,
        correlationId: this.id,
        ttlMs: this.remainingMs(now),
        ...changes,
      },
      now,
    );
  }
}

/** Freezing what a spread made is several times slower than freezing what was set key by key. */
function copyOf(metadata: ValueMap): ValueMap {
  const copy: Record<string, Value> = {};
  for (const key of Object.keys(metadata)) setProperty(copy, key, metadata[key]);
  return copy;
}

/** For Node's `util.inspect` and `console.log`; not enumerable, so that it is no field of the message. */
Object.defineProperty(Message.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(
    this: Message<unknown>,
    depth: unknown,
    options?: { readonly depth?: unknown; readonly colors?: boolean },
  ): string {
    const nested =
      typeof depth === "number" && typeof options?.depth === "number" && depth < options.depth;
    return formatMessage(this, {
      style: nested ? "compact" : "verbose",
      color: options?.colors ?? false,
    });
  },
});
