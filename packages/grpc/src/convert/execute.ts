import type { AmphisError, CallBodyOptions, Reference, Value } from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { errorToProto, readError } from "./error.ts";
import {
  type ExecuteRequest as ProtoRequest,
  ExecuteRequestSchema,
  type ExecuteResponse as ProtoResponse,
  ExecuteResponseSchema,
  type Parameter as ProtoParameter,
  ParameterSchema,
} from "../generated/index.ts";
import type { ConvertOptions } from "./options.ts";
import { Place } from "./place.ts";
import { readReference, writeReference } from "./reference.ts";
import { ValueReader } from "./value-from-proto.ts";
import { ValueWriter } from "./value-to-proto.ts";

/** A value in place, or where in shared memory it is. */
export type Parameter =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "reference"; readonly reference: Reference };

/** A call of a function by name. */
export interface ExecuteRequest {
  /** `module:attribute`. */
  readonly function: string;
  readonly args: readonly Parameter[];
  readonly kwargs: ReadonlyMap<string, Parameter>;
  readonly options: CallBodyOptions;
}

/** The answer: a result or the error that came instead. */
export type ExecuteResponse =
  | { readonly kind: "result"; readonly result: Parameter }
  | { readonly kind: "error"; readonly error: AmphisError };

/** @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED */
export function executeRequestToProto(
  request: ExecuteRequest,
  options?: ConvertOptions,
): ProtoRequest {
  const writer = new ValueWriter(new Place("execute request"), options);
  const { place } = writer;
  const { ttlMs, idempotent, stream } = request.options;
  return create(ExecuteRequestSchema, {
    function: place.in(".function", () => writer.text(request.function)),
    args: request.args.map((parameter, index) =>
      place.in(`.args[${index}]`, () => writeParameter(parameter, writer)),
    ),
    kwargs: Array.from(request.kwargs, ([name, parameter], index) =>
      place.in(`.kwargs[${index}]`, () => ({
        name: writer.text(name),
        parameter: writeParameter(parameter, writer),
      })),
    ),
    ...(ttlMs === undefined ? {} : { ttlMs: BigInt(ttlMs) }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(stream === undefined ? {} : { stream }),
  });
}

/** @throws {AmphisError} BODY_INVALID with the path, DEPTH_EXCEEDED */
export function executeRequestFromProto(
  message: ProtoRequest,
  options?: ConvertOptions,
): ExecuteRequest {
  const reader = new ValueReader(new Place("execute request"), options);
  const { place } = reader;
  const { ttlMs, idempotent, stream } = message;
  if (message.function === "") throw place.in(".function", () => place.invalid("a name"));
  return {
    function: message.function,
    args: message.args.map((parameter, index) =>
      place.in(`.args[${index}]`, () => readParameter(parameter, reader)),
    ),
    kwargs: new Map(
      message.kwargs.map(({ name, parameter }, index) =>
        place.in(`.kwargs[${index}]`, () => [name, readParameter(parameter, reader)] as const),
      ),
    ),
    options: {
      ...(ttlMs === undefined ? {} : { ttlMs: place.in(".ttl_ms", () => place.safe(ttlMs)) }),
      ...(idempotent === undefined ? {} : { idempotent }),
      ...(stream === undefined ? {} : { stream }),
    },
  };
}

/** @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED */
export function executeResponseToProto(
  response: ExecuteResponse,
  options?: ConvertOptions,
): ProtoResponse {
  const writer = new ValueWriter(new Place("execute response"), options);
  return create(ExecuteResponseSchema, {
    outcome:
      response.kind === "result"
        ? {
            case: "result",
            value: writer.place.in(".result", () => writeParameter(response.result, writer)),
          }
        : { case: "error", value: errorToProto(response.error) },
  });
}

/** @throws {AmphisError} BODY_INVALID with the path, DEPTH_EXCEEDED */
export function executeResponseFromProto(
  { outcome }: ProtoResponse,
  options?: ConvertOptions,
): ExecuteResponse {
  const reader = new ValueReader(new Place("execute response"), options);
  const { place } = reader;
  switch (outcome.case) {
    case "result":
      return {
        kind: "result",
        result: place.in(".result", () => readParameter(outcome.value, reader)),
      };
    case "error":
      return { kind: "error", error: place.in(".error", () => readError(outcome.value, place)) };
    default:
      throw place.invalid("a result or an error");
  }
}

export function writeParameter(parameter: Parameter, writer: ValueWriter): ProtoParameter {
  return create(ParameterSchema, {
    place:
      parameter.kind === "value"
        ? { case: "value", value: writer.value(parameter.value) }
        : { case: "reference", value: writeReference(parameter.reference, writer) },
  });
}

export function readParameter(message: ProtoParameter | undefined, reader: ValueReader): Parameter {
  switch (message?.place.case) {
    case "value":
      return { kind: "value", value: reader.value(message.place.value) };
    case "reference":
      return { kind: "reference", reference: readReference(message.place.value, reader.place) };
    default:
      throw reader.place.invalid("a value or a reference");
  }
}
