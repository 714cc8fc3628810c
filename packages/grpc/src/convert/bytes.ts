import { AmphisError } from "@amphis/protocol";
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

import { checkWire } from "./wire.ts";

/**
 * Reads a message from bytes that may have come from anyone. Prefer it to the library's `fromBinary`, which loses a byte-order mark at
 * the start of a text, and accepts bytes that other readers refuse or understand otherwise.
 *
 * @throws {AmphisError} DECODE_FAILED
 */
export function decodeProto<T extends DescMessage>(schema: T, bytes: Uint8Array): MessageShape<T> {
  const shared = getTextEncoding();
  // The library takes its decoder from a setting of the whole process; it is put back before anything else runs.
  configureTextEncoding({
    ...shared,
    decodeUtf8: (text) => keepingMarks(text, (rest) => shared.decodeUtf8(rest, true)),
  });
  try {
    checkWire(schema, bytes);
    return fromBinary(schema, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "the bytes are malformed";
    throw new AmphisError(
      "DECODE_FAILED",
      `Cannot decode ${schema.typeName}: ${reason}`,
      { codec: "protobuf", offset: 0, reason },
      { cause: error },
    );
  } finally {
    configureTextEncoding(shared);
  }
}

const MARK = [0xef, 0xbb, 0xbf] as const;

/** Decodes a text, with all byte-order marks at its start. */
function keepingMarks(text: Uint8Array, decode: (text: Uint8Array) => string): string {
  let marks = 0;
  while (MARK.every((byte, at) => text[marks * MARK.length + at] === byte)) marks += 1;
  return "\ufeff".repeat(marks) + decode(text.subarray(marks * MARK.length));
}
