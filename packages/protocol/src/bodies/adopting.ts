import { type Adoption, MsgpackReader, resolveCodecOptions } from "../codec/index.ts";
import type { Value } from "../value/index.ts";

const OPTIONS = resolveCodecOptions();

/**
 * Decodes a MessagePack body, with what handles and attachments stand for in their places.
 *
 * @throws {AmphisError} DECODE_FAILED, DEPTH_EXCEEDED, EXTENSION_UNKNOWN
 * @throws what the adoption throws
 */
export function decodeAdopting(bytes: Uint8Array, adoption: Adoption): Value {
  const input = new MsgpackReader(bytes, 0, bytes.length, OPTIONS, adoption);
  const value = input.read(OPTIONS.maxDepth + 1);
  if (input.at !== input.end) {
    throw input.corrupt(`${input.end - input.at} bytes follow the value`);
  }
  return value;
}
