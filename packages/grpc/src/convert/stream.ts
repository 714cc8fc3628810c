import type { AmphisError } from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { errorToProto, readError } from "./error.ts";
import { type Parameter, readParameter, writeParameter } from "./execute.ts";
import { type StreamElement as ProtoElement, StreamElementSchema } from "../generated/index.ts";
import type { ConvertOptions } from "./options.ts";
import { Place } from "./place.ts";
import { ValueReader } from "./value-from-proto.ts";
import { ValueWriter } from "./value-to-proto.ts";

/** One element of a stream. */
export type StreamElement =
  | { readonly kind: "item"; readonly sequence: number; readonly item: Parameter }
  /** A part of the MessagePack encoding of an item that is too large for one element. */
  | {
      readonly kind: "chunk";
      readonly sequence: number;
      readonly data: Uint8Array;
      readonly last: boolean;
    }
  /** The sequence says how many items there were. */
  | { readonly kind: "end"; readonly sequence: number }
  | { readonly kind: "error"; readonly sequence: number; readonly error: AmphisError };

/** @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED */
export function streamElementToProto(
  element: StreamElement,
  options?: ConvertOptions,
): ProtoElement {
  const writer = new ValueWriter(new Place("stream element"), options);
  return create(StreamElementSchema, {
    sequence: BigInt(element.sequence),
    content: contentOf(element, writer),
  });
}

function contentOf(element: StreamElement, writer: ValueWriter): ProtoElement["content"] {
  switch (element.kind) {
    case "item":
      return {
        case: "item",
        value: writer.place.in(".item", () => writeParameter(element.item, writer)),
      };
    case "chunk":
      return {
        case: "chunk",
        value: { data: element.data, last: element.last },
      } as ProtoElement["content"];
    case "end":
      return { case: "end", value: {} } as ProtoElement["content"];
    case "error":
      return { case: "error", value: errorToProto(element.error) };
  }
}

/** @throws {AmphisError} BODY_INVALID with the path, DEPTH_EXCEEDED */
export function streamElementFromProto(
  message: ProtoElement,
  options?: ConvertOptions,
): StreamElement {
  const reader = new ValueReader(new Place("stream element"), options);
  const { place } = reader;
  const { content } = message;
  const sequence = place.in(".sequence", () => place.safe(message.sequence));
  switch (content.case) {
    case "item":
      return {
        kind: "item",
        sequence,
        item: place.in(".item", () => readParameter(content.value, reader)),
      };
    case "chunk":
      return { kind: "chunk", sequence, data: content.value.data, last: content.value.last };
    case "end":
      return { kind: "end", sequence };
    case "error":
      return {
        kind: "error",
        sequence,
        error: place.in(".error", () => readError(content.value, place)),
      };
    default:
      throw place.invalid("an item, a chunk, the end or an error");
  }
}
