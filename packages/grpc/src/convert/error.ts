import {
  type AmphisError,
  decodeError,
  encodeError,
  isAmphisError,
  type Value,
  type WireError,
} from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { type WireError as ProtoError, WireErrorSchema } from "../generated/index.ts";
import { Place } from "./place.ts";
import { ValueReader } from "./value-from-proto.ts";
import { ValueWriter } from "./value-to-proto.ts";

/** The message for anything thrown. Never fails: what has no form in it is left out. */
export function errorToProto(thrown: unknown): ProtoError {
  return write(encodeError(thrown));
}

/** @throws {AmphisError} BODY_INVALID */
export function errorFromProto(message: ProtoError): AmphisError {
  return readError(message, new Place("error"));
}

export function readError(message: ProtoError, place: Place): AmphisError {
  return decodeError(wireForm(message, place, 0));
}

function write({
  code,
  number,
  category,
  message,
  retryable,
  context,
  correlationId,
  origin,
  cause,
}: WireError): ProtoError {
  const texts = Object.entries(origin ?? {}).map(([key, text]) => [key, wellFormed(text)]);
  return create(WireErrorSchema, {
    code: wellFormed(code),
    number,
    category: wellFormed(category),
    message: wellFormed(message),
    retryable,
    ...contextOf(context),
    ...(correlationId === undefined ? {} : { correlationId: wellFormed(correlationId) }),
    ...(origin === undefined ? {} : { origin: Object.fromEntries(texts) }),
    ...(cause === undefined ? {} : { cause: write(cause) }),
  });
}

/** A context may hold what is no value; the error itself matters more. */
function contextOf(context: Readonly<Record<string, unknown>>): {
  context?: ReturnType<ValueWriter["record"]>;
} {
  try {
    return {
      context: new ValueWriter(new Place("error")).record(
        context as Readonly<Record<string, Value>>,
      ),
    };
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    return {};
  }
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}

const MAX_CAUSES = 8;

function wireForm(message: ProtoError, place: Place, depth: number): WireError {
  const { code, number, category, retryable, correlationId, origin, cause } = message;
  if (code === "") throw place.in(".code", () => place.invalid("a code"));
  return {
    code,
    number,
    category,
    message: message.message,
    retryable,
    context: place.in(".context", () => new ValueReader(place).record(message.context)),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(origin === undefined ? {} : { origin: originOf(origin) }),
    ...(cause === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: place.in(".cause", () => wireForm(cause, place, depth + 1)) }),
  };
}

function originOf({
  language,
  type,
  traceback,
}: NonNullable<ProtoError["origin"]>): NonNullable<WireError["origin"]> {
  return {
    ...(language === undefined ? {} : { language }),
    ...(type === undefined ? {} : { type }),
    ...(traceback === undefined ? {} : { traceback }),
  };
}
