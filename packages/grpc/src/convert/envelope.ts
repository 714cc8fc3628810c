import { Message, MESSAGE_TYPES, PRIORITIES } from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { type Envelope, EnvelopeSchema, type MessageType, Priority } from "../generated/index.ts";
import type { ConvertOptions } from "./options.ts";
import { Place } from "./place.ts";
import { bytesOfUuid, uuidOfBytes } from "./uuid.ts";
import { ValueReader } from "./value-from-proto.ts";
import { ValueWriter } from "./value-to-proto.ts";

/**
 * A message as its envelope; the TTL is what is left of it now.
 *
 * @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
 */
export function messageToProto(message: Message, options?: ConvertOptions): Envelope {
  const place = new Place("envelope");
  const writer = new ValueWriter(place, options);
  const ttlMs = message.remainingMs();
  // In the enums 0 means that nothing was said, so the numbers of the protocol move up by one.
  return create(EnvelopeSchema, {
    type: (MESSAGE_TYPES.indexOf(message.type) + 1) as MessageType,
    priority: (PRIORITIES.indexOf(message.priority) + 1) as Priority,
    ...(ttlMs === undefined ? {} : { ttlMs: BigInt(ttlMs) }),
    target: message.target,
    id: bytesOfUuid(message.id),
    ...(message.correlationId === undefined
      ? {}
      : { correlationId: bytesOfUuid(message.correlationId) }),
    source: message.source,
    timestampMs: BigInt(message.timestamp),
    ...(message.schema === undefined ? {} : { schema: message.schema }),
    version: message.version,
    metadata: place.in(".metadata", () => writer.record(message.metadata)),
    payload: place.in(".payload", () => writer.value(message.payload)),
  });
}

/**
 * The message of an envelope, which may have come from anyone.
 *
 * @throws {AmphisError} MESSAGE_INVALID naming the field, BODY_INVALID with the path inside a value, DEPTH_EXCEEDED
 */
export function messageFromProto(envelope: Envelope, options?: ConvertOptions): Message {
  const place = new Place("envelope");
  const reader = new ValueReader(place, options);
  const { type, priority, ttlMs, correlationId } = envelope;
  return new Message({
    type: nameOf(MESSAGE_TYPES, type) ?? fail(place, ".type", "a type"),
    priority:
      priority === Priority.UNSPECIFIED
        ? "normal"
        : (nameOf(PRIORITIES, priority) ?? fail(place, ".priority", "a priority")),
    ttlMs: ttlMs === undefined ? undefined : place.in(".ttl_ms", () => place.safe(ttlMs)),
    target: envelope.target,
    id: uuidOfBytes(envelope.id) ?? fail(place, ".id", "16 bytes"),
    correlationId:
      correlationId === undefined
        ? undefined
        : (uuidOfBytes(correlationId) ?? fail(place, ".correlation_id", "16 bytes")),
    source: envelope.source,
    timestamp: place.in(".timestamp_ms", () => place.safe(envelope.timestampMs)),
    schema: envelope.schema,
    version: envelope.version === 0 ? 1 : envelope.version,
    metadata: place.in(".metadata", () => reader.record(envelope.metadata)),
    payload: place.in(".payload", () => reader.value(envelope.payload)),
  });
}

function nameOf<T>(names: readonly T[], number: number): T | undefined {
  return names[number - 1];
}

function fail(place: Place, step: string, expected: string): never {
  throw place.in(step, () => place.invalid(expected));
}
