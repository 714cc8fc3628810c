import { AmphisError } from "../error/index.ts";
import type { Codec, CodecName, CodecOptions } from "./codec.ts";
import { compact } from "./compact/index.ts";
import { json } from "./json/index.ts";
import { msgpack } from "./msgpack/index.ts";

const CODECS: Readonly<Record<CodecName, (options?: CodecOptions) => Codec>> = {
  msgpack,
  compact,
  json,
};

/**
 * The codec of a name, as configuration or a negotiated hello gives it.
 *
 * @throws {AmphisError} CODEC_UNKNOWN
 */
export function codec(name: string, options?: CodecOptions): Codec {
  if (!Object.hasOwn(CODECS, name)) throw unknownCodec(name);
  return CODECS[name as CodecName](options);
}

/** The error for a name that no codec has. */
export function unknownCodec(name: string): AmphisError<"CODEC_UNKNOWN"> {
  return new AmphisError(
    "CODEC_UNKNOWN",
    `Cannot make codec ${JSON.stringify(name)}: there are ${Object.keys(CODECS).join(", ")}`,
    { codec: name },
  );
}

export type { Codec, CodecName, CodecOptions } from "./codec.ts";
export { compact, compactFor } from "./compact/index.ts";
export type { CompactCodec, CompactOptions, Prefix } from "./compact/index.ts";
export { json } from "./json/index.ts";
export { msgpack } from "./msgpack/index.ts";

// For the other parts of this package, which write and read inside a larger encoding.
export type { Adoption, Foreign } from "./foreign.ts";
export { finishWith, returnWriter, takeWriter } from "./bytes/index.ts";
export type { ByteWriter } from "./bytes/index.ts";
export { resolveCodecOptions } from "./codec.ts";
export { canGenerate, compactForNames, Source } from "./compact/index.ts";
export { asRecord, setProperty } from "./record.ts";
export { decodeJson, encodeJson } from "./json/index.ts";
export { explainRefusal, locate, Refusal, steps } from "./refusal.ts";
export {
  MsgpackReader,
  writeMsgpackArrayHead,
  writeMsgpackNumber,
  writeMsgpackString,
  writeMsgpackValue,
} from "./msgpack/index.ts";
